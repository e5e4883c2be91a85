import '../differential/rename-inverse.test.ts';
