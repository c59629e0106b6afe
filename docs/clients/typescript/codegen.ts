// Types of the operations in src/, from the schema of a running server, or from a file: ROOKERY_SCHEMA=schema.graphql.
import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: process.env.ROOKERY_SCHEMA ?? 'http://127.0.0.1:8000/schema.graphql',
  documents: ['src/**/*.ts', '!src/generated/**'],
  generates: {
    'src/generated/': {
      preset: 'client',
      config: {
        documentMode: 'string',
        // What each scalar is in JSON; the schema says by @specifiedBy which format it has.
        scalars: { ID: 'string', DateTime: 'string', Date: 'string' },
        strictScalars: true,
        enumsAsTypes: true,
      },
    },
  },
};
export default config;
