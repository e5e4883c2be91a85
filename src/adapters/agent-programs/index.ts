export { readAgentsFile } from './file.ts';
export { findPrograms } from './find.ts';
