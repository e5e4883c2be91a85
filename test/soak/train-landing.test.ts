import '../train/landing.test.ts';
