export type { Forge, GitObjects } from './ports.ts';
