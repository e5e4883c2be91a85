import '../race/budget.test.ts';
