export { GIT_ERRORS, GitError } from './errors.ts';
export { LocalForge } from './forge.ts';
export { type Access, gitHttp, type GitHttpOptions } from './http.ts';
export { type AddedRepository, type AddRequest, addRepository } from './import.ts';
export { GitObjectStore } from './objects.ts';
export { repoDirIn } from './repo-dir.ts';
export { gitOn, type GitPlace } from './run.ts';
export { GitTrees } from './trees.ts';
export { gitWorkspaces } from './workspaces.ts';
