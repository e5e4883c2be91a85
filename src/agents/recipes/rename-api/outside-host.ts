import { getLibFiles, ts } from '@ts-morph/common';
import type { Files } from '../../ports.ts';
import { readText } from '../source-text.ts';
import { fromCompiler, LIBRARIES, toCompiler } from './places.ts';

type HostPart = 'getCurrentDirectory' | 'getDefaultLibFileName' | 'fileExists' | 'readFile';
type OptionalHostPart = 'useCaseSensitiveFileNames' | 'directoryExists' | 'getDirectories' | 'realpath';
type OutsideHost = Pick<ts.LanguageServiceHost, HostPart> & Required<Pick<ts.LanguageServiceHost, OptionalHostPart>>;

/** What the compiler reads beside the sources: its libraries, configurations and installed packages. */
export function outsideHost(files: Files): OutsideHost {
  const libraries = new Map(getLibFiles().map((file) => [`${LIBRARIES}/${file.fileName}`, file.text]));
  const kinds = new Map<string, 'file' | 'folder' | undefined>();
  const kindOf = (name: string): 'file' | 'folder' | undefined => {
    if (!kinds.has(name)) kinds.set(name, files.kindOf(fromCompiler(name)));
    return kinds.get(name);
  };
  return {
    getCurrentDirectory: () => '/',
    getDefaultLibFileName: (options) => `${LIBRARIES}/${ts.getDefaultLibFileName(options)}`,
    useCaseSensitiveFileNames: () => true,
    fileExists: (name) => libraries.has(name) || kindOf(name) === 'file',
    directoryExists: (name) => name === LIBRARIES || kindOf(name) === 'folder',
    readFile: (name) => libraries.get(name) ?? readText(files, fromCompiler(name)),
    getDirectories: (name) => [...files.foldersIn(fromCompiler(name))],
    realpath: (name) => (kindOf(name) === undefined ? name : toCompiler(files.realPath(fromCompiler(name)))),
  };
}
