// What the linter refuses, and what to do instead. Typed rules throughout: a floating promise is the typical bug of a server.

import js from '@eslint/js'
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

const PURE = 'Take it as an argument: clock, randomness, ids and environment are read in main and app, and handed down.'

/** Where the outside is read: the process entries and the composition root. */
const ENTRIES = ['src/main.ts', 'src/app.ts', 'src/app/*.ts', 'src/cli/main.ts']

const AMBIENT_PROPERTIES = [
  { object: 'Date', property: 'now', message: PURE },
  { object: 'Math', property: 'random', message: PURE },
  { object: 'performance', property: 'now', message: PURE },
  { object: 'process', property: 'env', message: PURE },
  { object: 'process', property: 'hrtime', message: PURE },
  { object: 'crypto', property: 'randomUUID', message: PURE },
  { object: 'crypto', property: 'getRandomValues', message: PURE },
]

const AMBIENT_SYNTAX = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: `new Date() reads the clock. ${PURE}` },
  { selector: "CallExpression[callee.name='Date']", message: `Date() reads the clock. ${PURE}` },
]

const SYNTAX = [
  { selector: 'TSEnumDeclaration', message: 'Write a string union: it is what stands on the wire.' },
  { selector: 'TSParameterProperty', message: 'Write the field out: Node runs only what it can erase.' },
  { selector: 'ExportDefaultDeclaration', message: 'Export by name, so that a search finds every use.' },
]

const RELATIVE_WITHOUT_TS = {
  regex: '^\\.{1,2}/.*(?<!\\.ts|\\.json|\\.mjs)$',
  message: 'Write the file as it is called on disk (…/name.ts): Node runs it so.',
}

const AMBIENT_IMPORTS = [
  {
    regex: '^(node:)?crypto$',
    importNames: ['randomUUID', 'randomBytes', 'randomInt', 'randomFillSync', 'randomFill', 'webcrypto'],
    message: PURE,
  },
  { regex: '^(node:)?process$', importNames: ['env', 'default'], message: PURE },
]

export default defineConfig(
  { ignores: ['node_modules/', 'data/', 'coverage/', '.cache/', 'test/fixtures/'] },
  {
    // Nothing is switched off in passing: a rule that does not fit is changed here, with its reason.
    linterOptions: { noInlineConfig: true },
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: new URL('../..', import.meta.url).pathname },
    },
    rules: {
      // A promise that nobody waits for loses its error, and often a write.
      '@typescript-eslint/no-floating-promises': ['error', { checkThenables: true }],
      // A new state or message must show up everywhere it matters as a compile-time gap.
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      // A number reads the same in every template; objects and undefined stay refused.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `() => close()` is clearer than a block, and returns nothing either way.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // A port is a function that gives a promise; an implementation that need not wait is still one.
      '@typescript-eslint/require-await': 'off',
      // Frozen tables are read by name; `process.env['X']` and `row['x']` say that the name comes from outside.
      '@typescript-eslint/dot-notation': 'off',
      // Used where a type parameter links a table's key to its row, which reads better than the alternative.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // `{ a, ...rest }` is how a member is left out.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always'],
      'no-param-reassign': 'error',
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'], location: 'start' }],
      'no-restricted-imports': ['error', { patterns: [RELATIVE_WITHOUT_TS] }],
      'no-restricted-syntax': ['error', ...SYNTAX],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ENTRIES,
    rules: {
      'no-console': 'error',
      'no-restricted-properties': ['error', ...AMBIENT_PROPERTIES],
      'no-restricted-imports': ['error', { patterns: [RELATIVE_WITHOUT_TS, ...AMBIENT_IMPORTS] }],
      'no-restricted-syntax': ['error', ...SYNTAX, ...AMBIENT_SYNTAX],
    },
  },
  {
    // Tests of what is pure are as repeatable as it is: time is a number passed in.
    files: ['test/unit/**/*.ts', 'test/property/**/*.ts'],
    rules: {
      'no-restricted-properties': ['error', ...AMBIENT_PROPERTIES.filter(({ object }) => object !== 'crypto')],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // `expect(mock.method)` and matchers of vitest hand methods around on purpose.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // vitest asks for it.
    files: ['test/vitest.config.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: { URL: 'readonly', process: 'readonly' } },
  },
  {
    files: ['src/console/**/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'document',
          'window',
          'fetch',
          'EventSource',
          'URL',
          'URLSearchParams',
          'location',
          'localStorage',
          'navigator',
          'setTimeout',
          'clearTimeout',
          'console',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
)
