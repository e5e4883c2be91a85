import '../crash/journal.test.ts';
