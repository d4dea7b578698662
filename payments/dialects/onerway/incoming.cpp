#include "payments/dialects/onerway/incoming.hpp"

namespace postern::payments::onerway {

Incoming::Incoming(const Call& call)
    : call_{call}, tree_{read_parameters(call.request)}, parameters_{tree_ ? *tree_ : nothing_} {}

void Incoming::refuse(Error error) {
    if (!refusal_) refusal_ = std::move(error);
}

std::optional<HttpReply> Incoming::finish() {
    if (!tree_) return complaint_reply(tree_.error());
    if (const auto complaint = parameters_.finish()) return complaint_reply(*complaint);
    if (refusal_) return error_reply(*refusal_);
    return std::nullopt;
}

std::optional<std::string> read_reference_text(Parameters& parameters, std::string_view name) {
    auto text = parameters.text(name);
    if (parameters.is_null(name)) return std::nullopt;
    if (!text || !text->empty()) return text;
    std::string message = "You passed an empty string for '";
    message += name;
    message += "'. We assume empty values are an attempt to unset a parameter; however '";
    message += name;
    message += "' cannot be unset. You should remove '";
    message += name;
    message += "' from your request or supply a non-empty value.";
    parameters.complain(
        {.code = "parameter_invalid_empty",
         .message = std::move(message),
         .parameter = std::string{name}}
    );
    return std::nullopt;
}

HttpReply json_reply(std::string body) {
    HttpReply reply;
    reply.content_type = "application/json";
    reply.body = std::move(body);
    return reply;
}

}  // namespace postern::payments::onerway
