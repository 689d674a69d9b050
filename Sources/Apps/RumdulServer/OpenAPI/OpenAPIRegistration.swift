import Codecs

extension OpenAPIOperation {
    /// Dynamic client registration (RFC 7591) and its management (RFC 7592).
    static var registration: [OpenAPIOperation] {
        let metadata = json(OpenAPISchema.reference("ClientMetadata"))
        let known = OpenAPIAnswer.json(200, "The registration", "ClientInformation")
        return [
            OpenAPIOperation(
                method: "post", path: "/connect/register", id: "register", tag: "Registration",
                summary: "Registers a client (RFC 7591)", body: metadata, security: ["initialAccessToken"],
                answers: [
                    .json(201, "The registration, with its secrets", "ClientInformation"),
                    .oauth(400, "The metadata is refused"), .oauth(401, "The token is unknown, used up or revoked"),
                ] + OpenAPIAnswer.bodyRefusals),
            managed("get", "readRegistration", "Reads a registration", nil, [known]),
            managed(
                "put", "replaceRegistration", "Replaces a registration", metadata,
                [known, .oauth(400, "The metadata is refused")]),
            managed(
                "delete", "deleteRegistration", "Deletes a registration", nil,
                [OpenAPIAnswer(status: 204, description: "The client is gone, and its tokens with it")]),
        ]
    }

    private static func managed(
        _ method: String, _ id: String, _ summary: String, _ body: JSONValue?, _ answers: [OpenAPIAnswer]
    ) -> OpenAPIOperation {
        let refusals: [OpenAPIAnswer] = [
            .oauth(401, "The token is not that of this client, or there is no such client"),
            .problem(404, "The path cannot be that of a client"),
        ]
        return OpenAPIOperation(
            method: method, path: "/connect/register/{client}", id: id, tag: "Registration",
            summary: summary + " (RFC 7592)",
            parameters: [parameter("client", in: "path", OpenAPISchema.text, required: true)], body: body,
            security: ["registrationAccessToken"],
            answers: answers + refusals
                + (body == nil ? [.tooMany, .unavailable] : OpenAPIAnswer.bodyRefusals))
    }
}
