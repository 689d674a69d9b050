import CivilRegisterAPI
import Codecs

/// OSIA population registry under `/pr`: what is read, and what the law refuses.
extension OpenAPIOperation {
    private static let registry = "OSIA population registry"
    private static let registryPerson = parameter(
        "personId", in: "path", ["type": "string", "pattern": "^[0-9]{10}$"], required: true)
    private static let registryIdentity = parameter("identityId", in: "path", OpenAPISchema.text, required: true)
    private static let registrySource = parameter("personIdSource", in: "path", OpenAPISchema.text, required: true)

    private static func population(
        _ method: String, _ path: String, _ id: String, _ summary: String, _ scope: RegisterScope,
        _ parameters: [JSONValue] = [], body: JSONValue? = nil, _ answers: [OpenAPIAnswer]
    ) -> OpenAPIOperation {
        OpenAPIOperation(
            method: method, path: "/pr/v1/" + path, id: id, tag: registry, summary: summary,
            parameters: parameters + [transactionID, proof, purposeHeader], body: body, security: [registerToken],
            scopes: scoped(scope), answers: answers + OpenAPIAnswer.osiaRefusals)
    }

    static var population: [OpenAPIOperation] {
        let unknown = OpenAPIAnswer.osia(404, "Unknown record")
        let person = [registryPerson], identity = [registryPerson, registryIdentity]
        let truth: JSONValue = ["type": "boolean"]
        return [
            population(
                "post", "persons", "findPersons", "Find people by expressions that all are certainly true", .personRead,
                [
                    parameter("group", in: "query", truth), parameter("reference", in: "query", truth),
                    parameter("gallery", in: "query", OpenAPISchema.text),
                    parameter("offset", in: "query", ["type": "integer", "minimum": 0, "maximum": 1000]),
                    parameter("limit", in: "query", ["type": "integer", "minimum": 1, "maximum": 100]),
                ], body: json(OpenAPISchema.reference("OSIASearchExpressions")),
                [.json(200, "Query successful", "OSIAFoundPersons")] + OpenAPIAnswer.osiaBodyRefusals),
            population(
                "get", "persons/{personId}", "readPerson", "Whether a record stands, and whether the person lives",
                .personRead, person, [.json(200, "Read successful", "OSIARegistryPerson"), unknown]),
            population(
                "get", "persons/{personId}/identities", "readIdentities", "The one identity that a person has here",
                .identityRead, person, [.json(200, "Operation successful", "OSIAIdentities"), unknown]),
            population(
                "get", "persons/{personId}/identities/{identityId}", "readIdentity",
                "What the register says of a person, as far as the operator allows", .identityRead, identity,
                [.json(200, "Read successful", "OSIAIdentity"), unknown]),
            population(
                "get", "persons/{personId}/reference", "readReference", "The reference identity: the same one",
                .referenceRead, person, [.json(200, "Read successful", "OSIAIdentity"), unknown]),
            population(
                "get", "galleries", "readGalleries", "There are none", .galleryRead, [],
                [.json(200, "Operation successful", "OSIAGalleries")]),
            population(
                "get", "galleries/{galleryId}", "readGalleryContent", "There are none", .galleryRead,
                [parameter("galleryId", in: "path", OpenAPISchema.text, required: true)], [unknown]),
        ] + refusedByLaw
    }

    /// Operations that only answer with an error: the reason is in the message.
    private static var refusedByLaw: [OpenAPIOperation] {
        let person = [registryPerson], identity = [registryPerson, registryIdentity]
        let moved = [registryPerson, registrySource]
        let operations: [(String, String, String, RegisterScope, [JSONValue])] = [
            ("post", "persons/{personId}", "createPerson", .personWrite, person),
            ("put", "persons/{personId}", "updatePerson", .personWrite, person),
            ("delete", "persons/{personId}", "deletePerson", .personWrite, person),
            ("post", "persons/{personId}/merge/{personIdSource}", "mergePerson", .personWrite, moved),
            ("post", "persons/{personId}/identities", "createIdentity", .identityWrite, person),
            (
                "post", "persons/{personId}/identities/{identityId}", "createIdentityWithId", .identityWrite, identity
            ),
            ("put", "persons/{personId}/identities/{identityId}", "updateIdentity", .identityWrite, identity),
            (
                "patch", "persons/{personId}/identities/{identityId}", "partialUpdateIdentity", .identityWrite, identity
            ),
            ("delete", "persons/{personId}/identities/{identityId}", "deleteIdentity", .identityWrite, identity),
            (
                "post", "persons/{personId}/move/{personIdSource}/identities/{identityId}", "moveIdentity",
                .identityWrite, moved + [registryIdentity]
            ),
            (
                "put", "persons/{personId}/identities/{identityId}/status", "setIdentityStatus", .identityWrite,
                identity
            ),
            (
                "put", "persons/{personId}/identities/{identityId}/reference", "defineReference", .referenceWrite,
                identity
            ),
        ]
        return operations.map { method, path, id, scope, parameters in
            population(method, path, id, "Refused by law: 403 with the reason", scope, parameters, [])
        }
    }
}

extension OpenAPISchema {
    static var population: [(String, JSONValue)] {
        let identity: JSONValue = [
            "type": "object", "required": ["identityId", "identityType", "status"], "additionalProperties": false,
            "properties": [
                "identityId": text, "identityType": text, "status": choice("CLAIMED", "VALID", "INVALID", "REVOKED"),
                "biographicData": ["type": "object"],
            ],
        ]
        return [
            (
                "OSIASearchExpressions",
                [
                    "type": "array", "minItems": 1, "maxItems": 20,
                    "items": [
                        "type": "object", "required": ["attributeName", "operator", "value"],
                        "additionalProperties": false,
                        "properties": [
                            "attributeName": ["type": "string", "enum": .strings(OSIANames.searchable)],
                            "operator": choice("<", ">", "=", ">=", "<="),
                            "value": ["oneOf": [text, ["type": "number"], truth]],
                        ],
                    ],
                ]
            ),
            (
                "OSIAFoundPersons",
                [
                    "type": "array",
                    "items": [
                        "type": "object", "required": ["personId"], "additionalProperties": false,
                        "properties": ["personId": text, "identityId": text],
                    ],
                ]
            ),
            (
                "OSIARegistryPerson",
                [
                    "type": "object", "required": ["status", "physicalStatus"], "additionalProperties": false,
                    "properties": [
                        "personId": text, "status": choice("ACTIVE", "INACTIVE"),
                        "physicalStatus": choice("DEAD", "ALIVE"),
                    ],
                ]
            ), ("OSIAIdentity", identity), ("OSIAIdentities", ["type": "array", "items": reference("OSIAIdentity")]),
            ("OSIAGalleries", ["type": "array", "items": text]),
        ]
    }
}
