import '../evidence/fuzz.test.ts';
