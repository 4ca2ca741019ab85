// The API's description is valid OpenAPI.
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Deployment } from '../fakes/server'

let deployed: Deployment
beforeAll(async () => { deployed = await Deployment.start() })
afterAll(() => deployed.stop())

test('the description is valid OpenAPI 3.1', async () => {
  const description = JSON.parse((await deployed.call('/api/openapi.json')).text)
  const validator = new Validator()
  expect(await validator.validate(description)).toEqual({ valid: true })
  expect(validator.version).toBe('3.1')
  // The validator finds what is wrong.
  description.paths['/api/me'].get.responses = { 200: {} }
  expect((await new Validator().validate(description)).valid).toBe(false)
})
