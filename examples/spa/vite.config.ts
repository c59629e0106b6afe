import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const client = (path: string): string => fileURLToPath(new URL(`../../clients/typescript/src/${path}`, import.meta.url));

export default defineConfig({
  plugins: [react()],
  resolve: {
    // The package from its sources beside this example; a project of its own installs it, and needs none of this.
    alias: { 'rookery-client/react': client('react/index.ts'), 'rookery-client': client('index.ts') },
    dedupe: ['react'],
  },
});
