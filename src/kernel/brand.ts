// Branded primitives: a ConsumerPid cannot be passed where a ProviderPid is meant.

declare const brand: unique symbol

export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name }
