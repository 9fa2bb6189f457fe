import type { BadInput } from './said.fixture.ts';

/** What people do to pull secrets. */
export const BAD_DOCKER: readonly BadInput[] = [
  ['dockerconfigjson', '', '1:1: holds no JSON value [LG_VALIDATE_EMPTY]'],
  ['dockerconfigjson', '{}', '1:1: "auths" is missing [LG_VALIDATE_SYNTAX]'],
  ['dockerconfigjson', '[]', '1:1: must be an object [LG_VALIDATE_SYNTAX]'],
  ['dockerconfigjson', 'null', '1:1: must be an object [LG_VALIDATE_SYNTAX]'],
  [
    'dockerconfigjson',
    '{"auths": null}',
    '1:11: must be an object of registries [LG_VALIDATE_SYNTAX]',
  ],
  [
    'dockerconfigjson',
    '{"auths": ["ghcr.io"]}',
    '1:11: must be an object of registries [LG_VALIDATE_SYNTAX]',
  ],
  [
    'dockerconfigjson',
    '{"auths": {"ghcr.io": "hunter2"}}',
    '1:23: the entry of a registry must be an object [LG_VALIDATE_SYNTAX]',
  ],
  [
    'dockerconfigjson',
    '{"auths": {"ghcr.io": {}}, "credsStore": "desktop"}',
    '1:12: holds no credential: expected "auth", or "username" and "password"; docker login may have put it into a credsStore [LG_VALIDATE_SYNTAX]',
  ],
  [
    'dockerconfigjson',
    '{"auths": {"ghcr.io": {"username": "robot"}}}',
    '1:12: holds no credential: expected "auth", or "username" and "password"; docker login may have put it into a credsStore [LG_VALIDATE_SYNTAX]',
  ],
  [
    'dockerconfigjson',
    '{"auths": {"ghcr.io": {"auth": "robot:hunter2"}}}',
    '1:32: "auth" is not base64 [LG_VALIDATE_SYNTAX]',
  ],
  [
    'dockerconfigjson',
    '{"auths": {"ghcr.io": {"auth": "cm9ib3Q="}}}',
    '1:32: "auth" must be base64 of user:password, and there is no colon in it [LG_VALIDATE_SYNTAX]',
  ],
  [
    'dockerconfigjson',
    '{"auths": {"ghcr.io": {"auth": "cm9ib3Q6aHVudGVyMgo="}}}',
    '1:32: "auth" holds a password that ends in a line break; make it with printf, not echo [LG_VALIDATE_SYNTAX]',
  ],
  [
    'dockerconfigjson',
    '{"auths": {"ghcr.io": {"auth": "cm9ib3Q6aHVudGVyMg==", "password": "hunter3"}}}',
    '1:32: "auth" has another password than "password" [LG_VALIDATE_SYNTAX]',
  ],
  [
    'dockerconfigjson',
    '{"auths": {"ghcr.io": {"auth": "cm9ib3Q6aHVudGVyM"}}}',
    '1:32: "auth" is not base64 [LG_VALIDATE_SYNTAX]',
  ],
  [
    'dockerconfigjson',
    '{"auths": {"ghcr.io": {"auth": 12}}}',
    '1:32: "auth" must be a string [LG_VALIDATE_SYNTAX]',
  ],
  [
    'dockerconfigjson',
    '{"auths": {"ghcr.io": {"auth": "robot",}}}',
    '1:39: trailing comma [LG_VALIDATE_SYNTAX]',
  ],
  [
    'dockerconfigjson',
    'eyJhdXRocyI6IHsiZ2hjci5pbyI6IHt9fX0=',
    '1:1: is base64 of JSON: encoded twice [LG_VALIDATE_SYNTAX]',
  ],
  [
    'dockercfg',
    '{"auths": {"ghcr.io": {}}}',
    '1:2: holds no credential: expected "auth", or "username" and "password"; docker login may have put it into a credsStore [LG_VALIDATE_SYNTAX]',
  ],
  [
    'dockercfg',
    '{"ghcr.io": {"auth": "Omh1bnRlcjI="}}',
    '1:22: "auth" holds no user before its colon [LG_VALIDATE_SYNTAX]',
  ],
  [
    'dockercfg',
    '{"ghcr.io": {"auth": "cm9ib3Q6"}}',
    '1:22: "auth" holds no password after its colon [LG_VALIDATE_SYNTAX]',
  ],
];
