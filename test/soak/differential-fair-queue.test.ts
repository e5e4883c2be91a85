import '../differential/fair-queue.test.ts';
