// @sigstore/verify verifies one line, a Sigstore bundle, with a key alone: no log, no timestamp.
'use strict'
const fs = require('fs')
const path = require('path')
const { createPublicKey } = require('crypto')

const [, , casesFile, modules] = process.argv
const load = (name) => require(require.resolve(name, { paths: [modules] }))
let bundle, verify
try {
  bundle = load('@sigstore/bundle')
  verify = load('@sigstore/verify')
} catch (error) {
  console.log(error.message)
  process.exit(77)
}

function accept({ line, key }) {
  const trust = {
    certificateAuthorities: [],
    timestampAuthorities: [],
    tlogs: [],
    ctlogs: [],
    publicKey: () => ({ publicKey: createPublicKey(key), validFor: () => true })
  }
  const thresholds = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 }
  new verify.Verifier(trust, thresholds).verify(verify.toSignedEntity(bundle.bundleFromJSON(line)))
}

const results = JSON.parse(fs.readFileSync(casesFile, 'utf8')).map((one) => {
  try {
    accept(one)
    return { accepted: true, said: '' }
  } catch (error) {
    return { accepted: false, said: String(error) }
  }
})
const { version } = JSON.parse(fs.readFileSync(path.join(modules, 'node_modules/@sigstore/verify/package.json'), 'utf8'))
console.log(JSON.stringify({ version, results }))
