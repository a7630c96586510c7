// What `npm pack` and `npm publish` run first in the checkout, whose package.json is not the one that is published.
console.error('This folder is no package: npm run package builds one in dist/amigos, and its archive beside it.')
process.exitCode = 1
