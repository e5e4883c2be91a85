export { FOLDER_ERRORS, FolderError, type FolderErrorCode } from './errors.ts';
export { evidenceFolders } from './evidence-folders.ts';
export { removeTenantFolders } from './tenant-folders.ts';
export { fileExists, readNamedFile, readTextFile, writeTextFile } from './text-file.ts';
export { readJsonFile } from './json-file.ts';
export { SafeWorkspaceFiles } from './workspace-files.ts';
