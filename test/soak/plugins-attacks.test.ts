import '../plugins/attacks.test.ts';
