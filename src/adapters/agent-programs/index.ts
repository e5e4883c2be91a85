export { AGENTS_FILE_ERRORS } from './errors.ts';
export { readAgentsFile } from './file.ts';
export { findPrograms } from './find.ts';
