import '../scale/storm.test.ts';
