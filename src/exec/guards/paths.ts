import { type ChangedFile, pathsOf } from '#domain/diff.ts';
import { type Finding, needsHuman, refused } from './finding.ts';
import { pathGlobs } from '#domain/path-glob.ts';

/** What decides about builds, reviews and policy; a change of it needs a person in every tenant. */
export const PROTECTED_PATHS: readonly string[] = [
  // builds and reviews
  '/.github',
  '/.gitlab',
  '/.gitlab-ci.yml',
  '/.circleci',
  '/.buildkite',
  '/.forgejo',
  '/.gitea',
  '/.woodpecker',
  '/.woodpecker.yml',
  '/.drone.yml',
  '/.travis.yml',
  '/.ci',
  '/azure-pipelines.yml',
  '/bitbucket-pipelines.yml',
  'Jenkinsfile',
  'CODEOWNERS',
  // what is installed
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'yarn.lock',
  'bun.lock',
  'bun.lockb',
  'deno.lock',
  'Cargo.lock',
  'go.sum',
  'poetry.lock',
  'uv.lock',
  'Pipfile.lock',
  'Gemfile.lock',
  'composer.lock',
  '.npmrc',
  '.yarnrc*',
  '.yarn',
  '.pnpmfile.*',
  // policy, hooks and what git itself reads
  '/policies',
  '*.rego',
  '.maestro*',
  '.husky',
  '.gitattributes',
  '.gitmodules',
];

export interface PathRules {
  /** Globs that nothing may touch. */
  readonly denied: readonly string[];
  /** Globs beside `PROTECTED_PATHS` whose change needs a person. */
  readonly protected: readonly string[];
  /** Globs outside of which nothing may be touched; absent: the whole repository. */
  readonly scope?: readonly string[];
}

/** One finding for each touched path that is denied, out of scope or protected; of a rename both paths count. */
export function guardPaths(files: readonly ChangedFile[], rules: PathRules): readonly Finding[] {
  const denied = pathGlobs(rules.denied);
  const guarded = pathGlobs([...PROTECTED_PATHS, ...rules.protected]);
  const scope = rules.scope === undefined ? undefined : pathGlobs(rules.scope);
  return [...new Set(files.flatMap(pathsOf))].flatMap((path) => {
    const ban = denied(path);
    if (ban !== undefined) return [refused('DENIED_PATH', path, `${path} is denied by \`${ban}\``)];
    if (scope !== undefined && scope(path) === undefined) {
      return [refused('OUT_OF_SCOPE', path, `${path} is outside the scope ${rules.scope?.join(', ')}`)];
    }
    const guard = guarded(path);
    return guard === undefined ? [] : [needsHuman('PROTECTED_PATH', path, `${path} is protected by \`${guard}\``)];
  });
}
