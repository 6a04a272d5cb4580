// @sigstore/verify verifies one line, a Sigstore bundle: with a key alone, without log and timestamp, or with a root.
'use strict'
const fs = require('fs')
const path = require('path')
const { createPublicKey } = require('crypto')

const [, , casesFile, modules] = process.argv
const load = (name) => require(require.resolve(name, { paths: [modules] }))
let bundle, verify, specs
try {
  bundle = load('@sigstore/bundle')
  verify = load('@sigstore/verify')
  specs = load('@sigstore/protobuf-specs')
} catch (error) {
  console.log(error.message)
  process.exit(77)
}

function accept({ line, key, root, subject, issuer }) {
  const entity = () => verify.toSignedEntity(bundle.bundleFromJSON(line))
  if (root) {
    const trust = verify.toTrustMaterial(specs.TrustedRoot.fromJSON(JSON.parse(fs.readFileSync(root, 'utf8'))))
    // The subject of a policy is a pattern.
    const subjectAlternativeName = '^' + subject.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') + '$'
    new verify.Verifier(trust).verify(entity(), { subjectAlternativeName, extensions: { issuer } })
    return
  }
  const trust = {
    certificateAuthorities: [],
    timestampAuthorities: [],
    tlogs: [],
    ctlogs: [],
    publicKey: () => ({ publicKey: createPublicKey(key), validFor: () => true })
  }
  const thresholds = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 }
  new verify.Verifier(trust, thresholds).verify(entity())
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
