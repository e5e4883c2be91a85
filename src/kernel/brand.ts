declare const brand: unique symbol;

/** A `Base` that the type checker tells apart from other values of the same shape. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
