import { defineConfig } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

// Each page becomes one file with everything in it: the program serves it from memory and nothing comes from elsewhere.
export default defineConfig({
  plugins: [viteSingleFile()],
  build: {
    rollupOptions: { input: 'graphiql.html' },
    chunkSizeWarningLimit: 8192,
    reportCompressedSize: false,
  },
});
