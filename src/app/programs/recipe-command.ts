import { type InnerCommand, innerCommand } from './own-code.ts';

/** The program that does recipes, with the compilers that it needs: see `recipeRunner`. */
export function recipeCommand(): InnerCommand {
  return innerCommand('recipe-main', ['@ts-morph/common', '@ast-grep/napi']);
}
