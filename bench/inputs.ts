/** Folders that people name for benches. Taken out of the environment, since Maestro refuses settings that it does not know. */
export const INPUTS = Object.freeze({
  mergeCorpus: take('MAESTRO_MERGE_CORPUS'),
  mergeRepositories: take('MAESTRO_MERGE_REPOS'),
  mergeSuites: take('MAESTRO_MERGE_SUITES'),
  realInput: take('MAESTRO_REAL_INPUT'),
});

function take(name: string): string | undefined {
  const value = process.env[name];
  delete process.env[name];
  return value;
}
