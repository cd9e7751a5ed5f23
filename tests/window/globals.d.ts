/// <reference path="../../ui/node_modules/vitest/globals.d.ts" />
