import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsync } from 'fastify';
import { existsSync } from 'node:fs';
import { allow } from './http-auth.ts';

/** The build names files in here by their content, so they never change. */
const HASHED_FILES = '/assets/';
const FOR_EVER = 'public, max-age=31536000, immutable';

/**
 * The console is the same for everybody and holds no secret: what it shows comes through the API.
 */
export const consoleFiles =
  (consoleDir: string | null): FastifyPluginAsync =>
  async (app) => {
    if (consoleDir === null || !existsSync(consoleDir)) return;
    app.addHook('onRoute', (route) => {
      Object.assign(route, allow('anyone'));
    });
    await app.register(fastifyStatic, {
      root: consoleDir,
      prefix: '/',
      index: 'index.html',
      dotfiles: 'ignore',
      decorateReply: false,
      cacheControl: false,
      setHeaders(reply, path) {
        void reply.header('cache-control', path.includes(HASHED_FILES) ? FOR_EVER : 'no-cache');
      },
    });
  };
