"""Every row that these suites answer: OpenID Foundation conformance modules, RFC 9700, attacks, published faults.

A test is named after its row: `test_OC_01_server` answers OC-01. `RUMDUL_ROWS=file.json` collects the results.
"""

import re
from typing import NamedTuple


class Row(NamedTuple):
    id: str
    section: str
    name: str
    what: str


_TABLE = """
OC-01 | 1.2 | oidcc-server | full happy path: discovery, (registration), authorize, code→token, userinfo. ID token: iss/aud/exp/iat exact, sub present, nonce echoed, signature by published kid, updated_at numeric, no empty/null standard claims, acr if requested essential. at_hash F when a token came from the authorization endpoint, c_hash F when a code did; validated whenever present. Code ≥128 bits long and ≥96 bits measured entropy. Same sub in front- and back-channel ID token. W if ID token carries name or other unrequested identity claims. iss response parameter, if present, must be right. Discrete checks that error/code never appear in the wrong place (query vs fragment)
OC-02 | 1.2 | oidcc-response-type-missing | no response_type → error page or redirect with unsupported_response_type / invalid_request
OC-03 | 1.2 | oidcc-idtoken-signature | client registered without an alg gets RS256, kid in header
OC-04 | 1.2 | oidcc-idtoken-unsigned | only run when none is advertised; else skipped (we never advertise it)
OC-05 | 1.2 | oidcc-userinfo-get | GET with Bearer header: 200, application/json, sub equals ID token sub, standard-claim types valid (birthdate YYYY-MM-DD / 0000-MM-DD / YYYY with sane year 1850..now; booleans real booleans; address object of non-empty strings)
OC-06 | 1.2 | oidcc-userinfo-post-header | same by POST + header
OC-07 | 1.2 | oidcc-userinfo-post-body | POST with token in form body; not supporting it = W
OC-08 | 1.2 | oidcc-ensure-request-without-nonce-succeeds-for-code-flow | nonce optional when no ID token comes from the front channel
OC-09 | 1.2 | oidcc-ensure-request-without-nonce-fails | nonce required → error page or invalid_request
OC-10 | 1.2 | oidcc-scope-profile | scope accepted; the scope's claims come from userinfo (W if missing, W if email/name leak into the ID token of a code flow)
OC-11 | 1.2 | oidcc-scope-email | scope accepted; the scope's claims come from userinfo (W if missing, W if email/name leak into the ID token of a code flow)
OC-12 | 1.2 | oidcc-scope-address | scope accepted; the scope's claims come from userinfo (W if missing, W if email/name leak into the ID token of a code flow)
OC-13 | 1.2 | oidcc-scope-phone | scope accepted; the scope's claims come from userinfo (W if missing, W if email/name leak into the ID token of a code flow)
OC-14 | 1.2 | oidcc-scope-all | scope accepted; the scope's claims come from userinfo (W if missing, W if email/name leak into the ID token of a code flow)
OC-15 | 1.2 | oidcc-alternate-happy-flow | reversed scope order and shuffled parameters still work
OC-16 | 1.2 | oidcc-display-page | display values never cause an error
OC-17 | 1.2 | oidcc-display-popup | display values never cause an error
OC-18 | 1.2 | oidcc-prompt-login | second request with prompt=login forces re-authentication; auth_time later
OC-19 | 1.2 | oidcc-prompt-none-not-logged-in | redirect with login_required / interaction_required / consent_required / account_selection_required, no UI
OC-20 | 1.2 | oidcc-prompt-none-logged-in | silent success, same sub, same auth_time
OC-21 | 1.2 | oidcc-max-age-1 | waits 2 s then max_age=1: re-login, auth_time present, later, recent
OC-22 | 1.2 | oidcc-max-age-10000 | max_age 15000 then 10000: no second login; auth_time present and same
OC-23 | 1.2 | oidcc-ensure-request-with-unknown-parameter-succeeds | extra=foobar ignored
OC-24 | 1.2 | oidcc-id-token-hint | prompt=none + id_token_hint of first login succeeds, same sub
OC-25 | 1.2 | oidcc-login-hint | login_hint never an error
OC-26 | 1.2 | oidcc-ui-locales | ui_locales honoured when supported, never an error (test sends unknown se by default)
OC-27 | 1.2 | oidcc-claims-locales | claims_locales never an error
OC-28 | 1.2 | oidcc-ensure-request-with-acr-values-succeeds | acr_values = what discovery advertises; acr in ID token should be one of them 
OC-29 | 1.2 | oidcc-codereuse | immediate second use → 400 JSON invalid_grant (W if accepted)
OC-30 | 1.2 | oidcc-codereuse-30seconds | second use after 30 s → F if accepted; access token from the first use should now be dead 
OC-31 | 1.2 | oidcc-ensure-registered-redirect-uri | unregistered redirect_uri (registered one with a suffix) → error page, never a redirect
OC-32 | 1.2 | oidcc-ensure-post-request-succeeds | authorization endpoint accepts POST form
OC-33 | 1.2 | oidcc-server-client-secret-post | client_secret_post works
OC-34 | 1.2 | oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported | request_uri processed or request_uri_not_supported; skipped if none not advertised
OC-35 | 1.2 | oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported | request processed or request_not_supported; silently ignoring it fails
OC-36 | 1.2 | oidcc-claims-essential | claims parameter name essential → returned at userinfo (W if absent), not in ID token
OC-37 | 1.2 | oidcc-ensure-request-object-with-redirect-uri | redirect_uri inside the object wins over the outer one, or an error page
OC-38 | 1.2 | oidcc-refresh-token | offline_access: refresh works; allowed characters; response no-store; new tokens entropy; ID token after refresh keeps iss/sub/aud/auth_time (Core 12.2); another client's refresh token → 400 invalid_grant; metadata must list/not list refresh_token consistently 
OC-39 | 1.2 | oidcc-ensure-request-with-valid-pkce-succeeds | S256 PKCE accepted
OC-40 | 1.2 | oidcc-discovery-endpoint-verification | see 1.4
OC-41 | 1.2 | oidcc-idtoken-rs256 | registered alg RS256 honoured with kid
OC-42 | 1.2 | oidcc-userinfo-rs256 | userinfo_signed_response_alg=RS256 → application/jwt, valid signature, iss/aud present , no nonce
OC-43 | 1.2 | oidcc-ensure-redirect-uri-in-authorization-request | client with two URIs, none sent → error page
OC-44 | 1.2 | oidcc-redirect-uri-query-OK | exact match including query: same query works; changed or added query → error page
OC-45 | 1.2 | oidcc-redirect-uri-query-mismatch | exact match including query: same query works; changed or added query → error page
OC-46 | 1.2 | oidcc-redirect-uri-query-added | exact match including query: same query works; changed or added query → error page
OC-47 | 1.2 | oidcc-redirect-uri-regfrag | registering a URI with fragment → 400 JSON, invalid_redirect_uri or invalid_client_metadata
OC-48 | 1.2 | oidcc-registration-logo-uri | RP logo visible on login/consent page
OC-49 | 1.2 | oidcc-registration-policy-uri | links visible on login/consent page
OC-50 | 1.2 | oidcc-registration-tos-uri | links visible on login/consent page
OC-51 | 1.2 | oidcc-registration-jwks-uri | private_key_jwt validated against fetched jwks_uri
OC-52 | 1.2 | oidcc-registration-sector-uri | sector_identifier_uri document must contain all redirect URIs: accepted / 400 invalid_client_metadata (pairwise)
OC-53 | 1.2 | oidcc-registration-sector-bad | sector_identifier_uri document must contain all redirect URIs: accepted / 400 invalid_client_metadata (pairwise)
OC-54 | 1.2 | oidcc-server-rotate-keys | after rotation JWKS has a new signing key  and still the old one 
OC-55 | 1.2 | oidcc-refresh-token-rp-key-rotation | RP rotates its jwks_uri key (new kid), 60 s later assertion with new kid accepted
OC-56 | 1.2 | oidcc-request-uri-unsigned | skipped if none not advertised
OC-57 | 1.2 | oidcc-request-uri-signed-rs256 | request_uri pointing to RS256 JWS must work, RS256 in request_object_signing_alg_values_supported
OC-58 | 1.2 | oidcc-ensure-client-assertion-with-iss-aud-succeeds | client assertion with aud = issuer accepted (W otherwise). RFC 10070 now makes issuer the only right value
OC-59 | 1.2 | oidcc-3rd_party-init-login | initiate_login_uri stored, echoed, and readable by GET on registration_client_uri (RFC 7592 read)
OC-60 | 1.2 | oidcc-3rd_party-init-login-nohttps | http initiate_login_uri rejected
LO-01 | 1.3 | oidcc-rp-initiated-logout-discovery-endpoint-verification | end_session_endpoint advertised, https
LO-02 | 1.3 | oidcc-rp-initiated-logout | id_token_hint + post_logout_redirect_uri + state → redirect with only state; afterwards prompt=none gives login_required-class error
LO-03 | 1.3 | oidcc-rp-initiated-logout-bad-post-logout-redirect-uri | unregistered URI → no redirect, error or confirmation page
LO-04 | 1.3 | oidcc-rp-initiated-logout-modified-id-token-hint | hint changed to alg none → no redirect
LO-05 | 1.3 | oidcc-rp-initiated-logout-no-id-token-hint | URI without hint → no silent redirect; ask the user
LO-06 | 1.3 | oidcc-rp-initiated-logout-no-params | logs out (after confirmation) and says so
LO-07 | 1.3 | oidcc-rp-initiated-logout-no-post-logout-redirect-uri | logs out, shows page
LO-08 | 1.3 | oidcc-rp-initiated-logout-no-state | redirect without state; then prompt=none fails
LO-09 | 1.3 | oidcc-rp-initiated-logout-only-state | logs out, shows page
LO-10 | 1.3 | oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri | exact match of post_logout_redirect_uri
LO-11 | 1.3 | oidcc-rp-initiated-logout-bad-id-token-hint | hint signed by a foreign key → no redirect
LO-12 | 1.3 | oidcc-backchannel-logout-discovery-endpoint-verification | backchannel_logout_supported and backchannel_logout_session_supported true
LO-13 | 1.3 | oidcc-backchannel-rp-initiated-logout | POST form logout_token only; JWT signature; iss, aud, iat (≤1 day old, not future), jti, events = exactly one key http://schemas.openid.net/event/backchannel-logout with {}; sub and sid equal to the ID token's; no nonce; sub or sid present; TLS 1.2+; then redirect with state; prompt=none fails
LO-14 | 1.3 | oidcc-frontchannel-logout-discovery-endpoint-verification | iframe call carries iss and sid equal to ID token
LO-15 | 1.3 | oidcc-frontchannel-rp-initiated-logout | iframe call carries iss and sid equal to ID token
LO-16 | 1.3 | oidcc-session-management-discovery-endpoint-verification | check_session_iframe says unchanged before, changed after logout; session_state returned
LO-17 | 1.3 | oidcc-session-management-rp-initiated-logout | check_session_iframe says unchanged before, changed after logout; session_state returned
F2-01 | 1.6 | discovery-end-point-verification | 1.4
F2-02 | 1.6 | happy-flow | two clients, two logins; PAR → authorize → token → resource; iss in response; state/nonce exact; sender constraint enforced: token of client 1 with key of client 2 rejected; access token in query string rejected; TLS 1.0/1.1 refused, TLS 1.2 only BCP 195 suites, TLS 1.3 preferred; Accept header variants ok; W if ID token holds unrequested claims
F2-03 | 1.6 | user-rejects-authentication | access_denied redirect with state and iss
F2-04 | 1.6 | ensure-request-object-with-multiple-aud-succeeds | aud array incl. issuer accepted
F2-05 | 1.6 | ensure-authorization-request-without-state-success | optional; must not be invented
F2-06 | 1.6 | ensure-authorization-request-without-nonce-success | optional; must not be invented
F2-07 | 1.6 | ensure-authorization-request-with-64-char-nonce-success | 64 chars required
F2-08 | 1.6 | ensure-other-scope-order-succeeds | order irrelevant
F2-09 | 1.6 | test-claims-parameter-identity-claims | every claims_supported member obtainable by claims parameter; unknown claims ignored
F2-10 | 1.6 | access-token-type-header-case-sensitivity | scheme name case-insensitive at the RS
F2-11 | 1.6 | ensure-request-object-with-nbf-8-seconds-in-the-future-is-accepted | ≥10 s skew tolerance
F2-12 | 1.6 | check-dpop-proof-nbf-exp | extra nbf/exp in a proof handled
F2-13 | 1.6 | ensure-dpopproof-with-iat-10seconds-before-succeeds | ±10 s accepted at PAR, token, resource
F2-14 | 1.6 | ensure-dpopproof-with-iat-10seconds-after-succeeds | ±10 s accepted at PAR, token, resource
F2-15 | 1.6 | ensure-mismatched-dpop-jkt-fails | dpop_jkt ≠ proof key at PAR → reject
F2-16 | 1.6 | ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt | code bound to PAR key
F2-17 | 1.6 | ensure-token-endpoint-fails-with-mismatched-dpop-jkt | code bound to PAR key
F2-18 | 1.6 | ensure-dpopproof-at-par-endpoint-binding-success | positive binding
F2-19 | 1.6 | ensure-dpop-auth-code-binding-success | positive binding
F2-20 | 1.6 | ensure-different-nonce-inside-and-outside-request-object | inner wins, or error
F2-21 | 1.6 | ensure-different-state-inside-and-outside-request-object | inner wins, or error
F2-22 | 1.6 | ensure-authorization-request-with-long-nonce | exact echo or clean error, never truncation
F2-23 | 1.6 | ensure-authorization-request-with-long-state | exact echo or clean error, never truncation
F2-24 | 1.6 | ensure-request-object-without-exp-fails | reject
F2-25 | 1.6 | ensure-request-object-without-nbf-fails | reject
F2-26 | 1.6 | state-only-outside-request-object-not-used | outer state ignored; no state in response
F2-27 | 1.6 | ensure-request-object-without-redirect-uri-fails | reject
F2-28 | 1.6 | ensure-expired-request-object-fails | reject (60 minutes window)
F2-29 | 1.6 | ensure-request-object-with-bad-aud-fails | reject (60 minutes window)
F2-30 | 1.6 | ensure-request-object-with-exp-over-60-fails | reject (60 minutes window)
F2-31 | 1.6 | ensure-request-object-with-nbf-over-60-fails | reject (60 minutes window)
F2-32 | 1.6 | ensure-signed-request-object-with-RS256-fails | alg allow-list PS256/ES256/EdDSA; other client's key rejected
F2-33 | 1.6 | ensure-request-object-signature-algorithm-is-not-none | alg allow-list PS256/ES256/EdDSA; other client's key rejected
F2-34 | 1.6 | ensure-request-object-with-invalid-signature-fails | alg allow-list PS256/ES256/EdDSA; other client's key rejected
F2-35 | 1.6 | ensure-matching-key-in-authorization-request | alg allow-list PS256/ES256/EdDSA; other client's key rejected
F2-36 | 1.6 | ensure-unsigned-request-at-par-endpoint-fails | when signed requests required
F2-37 | 1.6 | ensure-registered-redirect-uri | unregistered rejected (PAR may allow per RFC 9126 2.4; we will not)
F2-38 | 1.6 | plain-fapi-tolerate-unregistered-redirect-uri | unregistered rejected (PAR may allow per RFC 9126 2.4; we will not)
F2-39 | 1.6 | ensure-unsigned-authorization-request-without-using-par-fails | PAR mandatory
F2-40 | 1.6 | ensure-redirect-uri-in-authorization-request | missing → error
F2-41 | 1.6 | ensure-response-type-code-idtoken-fails | only code
F2-42 | 1.6 | ensure-response-type-token-fails | only code
F2-43 | 1.6 | ensure-client-id-in-token-endpoint | mismatching client_id + assertion → invalid_client
F2-44 | 1.6 | ensure-holder-of-key-required | token request without DPoP/mTLS → 4xx; TLS policy on every endpoint
F2-45 | 1.6 | ensure-authorization-code-is-bound-to-client | invalid_grant
F2-46 | 1.6 | attempt-reuse-authorization-code-after-one-second | invalid_grant ; earlier access token revoked 
F2-47 | 1.6 | ensure-token-endpoint-fails-with-expired-auth-code | first use after 62 s fails → code lifetime ≤ 60 s
F2-48 | 1.6 | ensure-signed-client-assertion-with-RS256-fails | invalid_client
F2-49 | 1.6 | ensure-client-assertion-in-token-endpoint | invalid_client
F2-50 | 1.6 | ensure-client-assertion-exp-is-5-minutes-in-past-fails | invalid_client
F2-51 | 1.6 | ensure-client-assertion-with-wrong-aud-fails | invalid_client
F2-52 | 1.6 | ensure-client-assertion-with-no-sub-fails | invalid_client
F2-53 | 1.6 | dpop-negative-tests | see 1.7
F2-54 | 1.6 | refresh-token | client + key binding; no client auth → 400/401; no PoP → invalid_request / invalid_grant / invalid_dpop_proof; if rotated, the previous token must still work 30 s later (lost-response case)
F2-55 | 1.6 | ensure-server-handles-non-matching-intent-id | OB-UK only
F2-56 | 1.6 | test-essential-acr-sca-claim | essential acr: satisfied exactly or access_denied
F2-57 | 1.6 | par-ensure-reused-request-uri-prior-to-auth-completion-succeeds | reload of the login page with same request_uri still works (one-time use counts at completion)
F2-58 | 1.6 | par-attempt-reuse-request_uri | invalid_request_uri or error page
F2-59 | 1.6 | par-attempt-to-use-expired-request_uri | invalid_request_uri or error page
F2-60 | 1.6 | par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted | skew: accept ≥10 s, reject >60 s
F2-61 | 1.6 | par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails | skew: accept ≥10 s, reject >60 s
F2-62 | 1.6 | par-attempt-to-use-request_uri-for-different-client | error
F2-63 | 1.6 | par-authorization-request-containing-request_uri-form-param | request_uri inside PAR rejected
F2-64 | 1.6 | par-authorization-request-containing-request_uri | request_uri inside PAR rejected
F2-65 | 1.6 | par-attempt-invalid-http-method | GET on PAR → HTTP error
F2-66 | 1.6 | par-ensure-pkce-required | S256 PKCE mandatory; invalid_grant on verifier faults
F2-67 | 1.6 | ensure-pkce-code-verifier-required | S256 PKCE mandatory; invalid_grant on verifier faults
F2-68 | 1.6 | incorrect-pkce-code-verifier-rejected | S256 PKCE mandatory; invalid_grant on verifier faults
F2-69 | 1.6 | par-plain-pkce-rejected | S256 PKCE mandatory; invalid_grant on verifier faults
F2-70 | 1.6 | par-without-duplicate-parameters | only client_id + request_uri at authorize works
F2-71 | 1.6 | par-test-array-as-audience-fails | client assertion aud must be the issuer as a single string
F2-72 | 1.6 | par-test-par-endpoint-url-as-audience-fails | client assertion aud must be the issuer as a single string
F2-73 | 1.6 | par-test-token-endpoint-url-as-audience-fails | client assertion aud must be the issuer as a single string
CB-01 | 1.9 | discovery-end-point-verification | backchannel_authentication_endpoint, delivery modes (poll, ping), request signing algs , user_code flag , CIBA grant type
CB-02 | 1.9 | fapi-ciba-id1 | two clients; 200 JSON with auth_req_id, expires_in, interval; two early polls → authorization_pending/slow_down; after approval tokens; ID token claims (auth_req_id claim, at_hash/rt_hash if present, acr); auth_req_id reuse → invalid_grant; key-swap at resource → 4xx
CB-03 | 1.9 | user-rejects-authentication | access_denied at token (and ping sent)
CB-04 | 1.9 | multiple-call-to-token-endpoint | too-fast polling → authorization_pending / slow_down / invalid_request / 503 + Retry-After
CB-05 | 1.9 | auth-req-id-expired | requested_expiry 10 → expired_token
CB-06 | 1.9 | ensure-authorization-request-with-binding-message-succeeds | "1234" shown
CB-07 | 1.9 | ensure-authorization-request-with-potentially-bad-binding-message | long non-ASCII: shown right or invalid_binding_message
CB-08 | 1.9 | ensure-other-scope-order-succeeds | the flow succeeds
CB-09 | 1.9 | ensure-requested-expiry-as-string-succeeds | string or number accepted
CB-10 | 1.9 | ensure-request-object-missing-aud-fails | invalid_request
CB-11 | 1.9 | ensure-request-object-bad-aud-fails | invalid_request
CB-12 | 1.9 | ensure-request-object-missing-iss-fails | invalid_request
CB-13 | 1.9 | ensure-request-object-bad-iss-fails | invalid_request
CB-14 | 1.9 | ensure-request-object-missing-exp-fails | invalid_request
CB-15 | 1.9 | ensure-request-object-expired-exp-fails | invalid_request
CB-16 | 1.9 | ensure-request-object-exp-is-70-minutes-in-future-fails | invalid_request
CB-17 | 1.9 | ensure-request-object-missing-iat-fails | invalid_request
CB-18 | 1.9 | ensure-request-object-missing-nbf-fails | invalid_request
CB-19 | 1.9 | ensure-request-object-nbf-is-10-minutes-in-future-fails | invalid_request
CB-20 | 1.9 | ensure-request-object-nbf-is-70-minutes-in-past-fails | invalid_request
CB-21 | 1.9 | ensure-request-object-missing-jti-fails | jti required
CB-22 | 1.9 | ensure-request-object-signature-algorithm-is-none-fails | the flow succeeds
CB-23 | 1.9 | ensure-request-object-signature-algorithm-is-bad-fails | the flow succeeds
CB-24 | 1.9 | ensure-request-object-signature-algorithm-is-RS256-fails | the flow succeeds
CB-25 | 1.9 | ensure-request-object-signed-by-other-client-fails | the flow succeeds
CB-26 | 1.9 | ensure-authorization-request-with-multiple-hints-fails | exactly one of login_hint, login_hint_token, id_token_hint
CB-27 | 1.9 | ensure-wrong-auth-req-id-in-token-endpoint-request | other client's id → invalid_grant
CB-28 | 1.9 | ensure-different-client-id-and-issuer-in-backchannel-authorization-request | reject
CB-29 | 1.9 | ensure-wrong-client-id-in-token-endpoint-request | reject
CB-30 | 1.9 | ensure-wrong-client-id-in-backchannel-authorization-request | reject
CB-31 | 1.9 | ensure-without-client-assertion-in-token-endpoint-request | invalid_client / invalid_request
CB-32 | 1.9 | ensure-without-client-assertion-in-backchannel-authorization-request | invalid_client / invalid_request
CB-33 | 1.9 | ensure-client-assertion-signature-algorithm-is-RS256-in-token-endpoint-fails | reject
CB-34 | 1.9 | ensure-client-assertion-signature-algorithm-is-RS256-in-backchannel-authorization-fails | reject
CB-35 | 1.9 | ensure-client-assertion-with-iss-aud-to-token-endpoint-succeeds | issuer aud accepted
CB-36 | 1.9 | ping-notification-endpoint-response-has-body | notification failures never break the flow; no retry on 401; redirects never followed
CB-37 | 1.9 | ping-notification-endpoint-response-401 | notification failures never break the flow; no retry on 401; redirects never followed
CB-38 | 1.9 | ping-notification-endpoint-response-403 | notification failures never break the flow; no retry on 401; redirects never followed
CB-39 | 1.9 | ping-notification-endpoint-401-server-does-not-retry | notification failures never break the flow; no retry on 401; redirects never followed
CB-40 | 1.9 | ping-notification-endpoint-returns-redirect | notification failures never break the flow; no retry on 401; redirects never followed
CB-41 | 1.9 | ensure-unsigned-backchannel-authorization-request-fails | signed request mandatory
CB-42 | 1.9 | refresh-token | as F2-54
CB-43 | 1.9 | ensure-mtls-holder-of-key-required | the flow succeeds
DD-01 | 1.4 | place and form | issuer + /.well-known/openid-configuration: 200, application/json, issuer identical
DD-02 | 1.4 | https | issuer and every endpoint https (or this machine, in a demonstration)
DD-03 | 1.4 | RFC 8414 schema | every member has the right type; unknown members only warn
DD-04 | 1.4 | RS256 | id_token_signing_alg_values_supported holds RS256
DD-05 | 1.4 | subject types | public / pairwise
DD-06 | 1.4 | scopes | openid, scope syntax
DD-07 | 1.4 | claims | claims_supported is an array of distinct names
DD-08 | 1.4 | PKCE | code_challenge_methods_supported is [S256]
DD-09 | 1.4 | locales | BCP 47, canonical casing
DD-10 | 1.4 | jwks_uri | no private or symmetric keys, each usable, kids distinct
DD-11 | 1.4 | Dynamic OP | registration_endpoint, request_uri support with RS256; implicit only where offered
DD-12 | 1.4 | RFC 8414 path | the second document has the same members (mosip/esignet#2302)
DD-13 | 1.4 | PAR | endpoint present, require_pushed_authorization_requests boolean
DD-14 | 1.4 | RFC 9207 | authorization_response_iss_parameter_supported true
DD-15 | 1.4 | DPoP algorithms | only PS256, ES256, EdDSA, Ed25519
DD-16 | 1.4 | signing algorithms | nothing but what FAPI and the legacy profile may use; never none, never HS
DD-17 | 1.4 | mTLS | tls_client_certificate_bound_access_tokens true
DD-18 | 1.4 | JARM | response_modes_supported holds jwt
RG-01 | 1.5 | created | 201 JSON, no-store, client_id, secret with its expiry, management URI and token together
RG-02 | 1.5 | echo | registered metadata echoed
RG-03 | 1.5 | read | GET 200 JSON, no-store
RG-04 | 1.5 | replace | PUT replaces the whole
RG-05 | 1.5 | delete | DELETE 204; tokens and client die
RG-06 | 1.5 | errors | 400 JSON, invalid_redirect_uri / invalid_client_metadata
RG-07 | 1.5 | closed | no registration without an initial access token
TH-01 | 1.8 | entropy | code, access token, refresh token, request_uri, auth_req_id: 128 bits long, 96 measured
TH-02 | 1.8 | FAPI2 algorithms | PS256, ES256, EdDSA; RSA ≥ 2048, EC ≥ 224
TH-03 | 1.8 | code lifetime | unusable at 62 s
TH-04 | 1.8 | PAR expires_in | 5 to 600 s
TH-05 | 1.8 | expires_in of tokens | positive, at most a year
TH-06 | 1.8 | clock skew | 10 s accepted, over 60 s rejected
TH-07 | 1.8 | request object window | exp ≤ 60 min after nbf; nbf ≤ 60 min old
TH-08 | 1.8 | ID token | exp within 50 years; iat and auth_time not in the future; acr never empty
TH-09 | 1.8 | token endpoint errors | 400 (401 only invalid_client), JSON, no-store, charset of the description
IA-01 | 1.10 | ekyc-server-happypath | verified_claims with trust framework and the claims asked for
IA-02 | 1.10 | ekyc-server-emptyobject | an empty verified_claims object is no error
IA-03 | 1.10 | ekyc-server-essentialfalse | essential false changes nothing
IA-04 | 1.10 | ekyc-server-request-only-in-idtoken | not in userinfo
IA-05 | 1.10 | ekyc-server-request-only-in-userinfo | not in the ID token
IA-06 | 1.10 | ekyc-server-one-claim-with-random-value-omitted | a value that cannot be met is omitted, the flow succeeds
IA-07 | 1.10 | ekyc-server-unknown-claim-omitted | omitted
IA-08 | 1.10 | ekyc-server-unknown-claim-specialchars-omitted | omitted
IA-09 | 1.10 | ekyc-server-unknown-essential-claim-omitted | omitted
IA-10 | 1.10 | ekyc-server-testbasedonuserinfo-defaults | defaults from userinfo
IA-11 | 1.10 | ekyc-server-test-userinfo-notfoundinop | what is not found is omitted
IA-12 | 1.10 | ekyc-server-testuserprovidedrequest | a request of one's own
IA-13 | 1.10 | metadata | verified_claims_supported, trust_frameworks_supported, claims_in_verified_claims_supported, evidence_supported, documents_supported
BC-01 | 4.1 | 2.1, 4.1 exact redirect URIs | 30 and more variants end on an error page
BC-02 | 4.1 | 2.1, 4.11 no open redirector | error page without Location, prompt=none and errors too
BC-03 | 4.1 | 2.1.1, 4.5, 4.8 PKCE | challenge needs verifier, verifier without challenge refused, plain refused
BC-04 | 4.1 | 2.1.2 no implicit access tokens | the default profile gives none
BC-05 | 4.1 | 2.2.1, 4.10 sender constraint | a bound token is of no use to others
BC-06 | 4.1 | 2.2.2, 4.14 refresh tokens | rotation, family ends on reuse; consent revoked or device blocked: dead within 1 s
BC-07 | 4.1 | 2.3 audience | a token for one resource is refused at another
BC-08 | 4.1 | 2.4 no password grant | unsupported_grant_type
BC-09 | 4.1 | 2.5 asymmetric client authentication | secrets only where the profile allows, 256 bits
BC-10 | 4.1 | 2.6, 4.15 client as resource owner | client ids are not chosen; sub of a client differs from every person's
BC-11 | 4.1 | 4.2, 4.3 leaks by Referer and history | no-referrer, nothing from third parties, codes once, form_post
BC-12 | 4.1 | 4.4 mix-up | iss in every response
BC-13 | 4.1 | 4.6 token injection | at_hash and audience
BC-14 | 4.1 | 4.7 CSRF | state echoed to 1 KiB; another browser's transaction refused
BC-15 | 4.1 | 4.9 leakage at the resource server | no attributes in access tokens, short life
BC-16 | 4.1 | 4.12 307 | redirects are 302 or 303
BC-17 | 4.1 | 4.13 proxies | forged X-Forwarded and certificate headers change nothing
BC-18 | 4.1 | 4.16 clickjacking | frame-ancestors none and X-Frame-Options on every page
BC-19 | 4.1 | 4.17 in-browser communication | web_message is not offered
AT-01 | 4.2 | algorithm confusion, key injection | every forged assertion, object, hint and JWE is refused
AT-02 | 4.2 | client assertion audience injection | issuer only, jti once, assertion of another client refused
AT-03 | 4.2 | SSRF | addresses of every special kind and form refused, redirects not followed, bodies limited, nothing echoed
AT-04 | 4.2 | timing | unknown and known clients and people, secrets, codes and refresh tokens wrong at the start or the end or in their length cost the same, over 2,000 samples of each
AT-05 | 4.2 | enumeration | unknown and known identifiers get the same answer
AT-06 | 4.2 | replay | proof, assertion, request object, approval, logout token jti
AT-07 | 4.2 | races | two redemptions, two refreshes, approve and cancel: one winner
AT-08 | 4.2 | session fixation | a transaction of another browser cannot be continued; a new session id after login
AT-09 | 4.2 | push bombing | budget per citizen; report stops a relying party
AT-10 | 4.2 | cross-device phishing | number matching, short life, unique, once
AT-11 | 4.2 | consent attacks | more claims than registered, changes after display, bidi in texts
AT-12 | 4.2 | recovery abuse | no self-service recovery
CV-2026-18963 | 4.3 | step bound to its executor | a step's result counts only for the transaction and device that made it
CV-2026-7507 | 4.3 | session fixation by restart | a restarted flow in another browser opens nothing
CV-2026-37982 | 4.3 | action token replay | an activation code enrols once
CV-2026-8830 | 4.3 | missing checks at registration | keys, proofs and thumbprints of an activation are all checked
CV-2026-11800 | 4.3 | algorithm confusion in JWT grant | HS256 with a public key refused
CV-2026-16093 | 4.3 | policy bypass by unsigned assertion header | profile policy holds whatever an assertion's header says
CV-2026-7571 | 4.3 | forged client data re-enable implicit | response types outside the registration refused
CV-2026-7504 | 4.3 | redirect URI validation | userinfo, ..;/ and localhost forms refused
CV-2026-9086 | 4.3 | JavaScript scheme in any case | refused at registration and at use
CV-2026-4366 | 4.3 | SSRF by redirects | redirects of sector and jwks documents are not followed
CV-2026-1518 | 4.3 | SSRF by CIBA notification endpoint | special addresses refused
CV-2026-9798 | 4.3 | CIBA and lock-out | a locked PIN stops CIBA at the start and at redemption
CV-2026-15573 | 4.3 | path normalisation | odd paths reach nothing protected
CV-2026-18217 | 4.3 | parameter pollution | duplicated parameters refused everywhere
CV-9-11 | 4.3 | edge cases of node-oidc-provider 9.8 to 9.11 | each gives an OAuth error, never a 500
"""

ROWS = {row.id: row for row in (Row(*(c.strip() for c in line.split("|", 3))) for line in _TABLE.strip().splitlines())}
_NAME = re.compile(r"^test_([A-Z0-9]{2})_(\d+(?:_\d{2,})?)(?:_|$|\[)")


def row_of(test_name):
    """The row that a test answers, or None."""
    found = _NAME.match(test_name)
    if not found:
        return None
    return ROWS.get(f"{found[1]}-{found[2].replace('_', '-')}")
