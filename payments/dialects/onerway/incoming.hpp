#pragma once

#include "core/parameters.hpp"
#include "payments/dialects/onerway/errors.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postern::payments::onerway {

// One request on its way in: its parameters, whichever way they came, and what is wrong with them.
class Incoming {
 public:
    explicit Incoming(const Call& call);
    Incoming(const Incoming&) = delete;
    Incoming& operator=(const Incoming&) = delete;

    const Call& call() const { return call_; }
    const IdCodec& ids() const { return call_.around.ids; }
    Parameters& parameters() { return parameters_; }
    // For what is no parameter's fault alone; the first counts, after the parameters' complaints.
    void refuse(Error error);
    // The one answer to all that is wrong; nullopt: go on.
    std::optional<HttpReply> finish();

 private:
    const Call& call_;
    Result<RequestNode, ParameterComplaint> tree_;
    RequestNode nothing_;
    Parameters parameters_;
    std::optional<Error> refusal_;
};

// An id that a parameter names, in any spelling of it; `what` says of which kind: "customer".
struct Reference {
    std::string_view parameter;
    std::string_view what;
};
// The text, if there is one; an empty one is a complaint, for it would unset what cannot be.
std::optional<std::string> read_reference_text(Parameters& parameters, std::string_view name);
template <class Id>
std::optional<Id> read_reference(Incoming& in, const Reference& reference) {
    const auto text = read_reference_text(in.parameters(), reference.parameter);
    if (!text) return std::nullopt;
    const auto id = read_id<Id>(in.ids(), *text);
    if (!id) {
        in.parameters().complain(missing_reference(reference.parameter, {reference.what, *text}));
    }
    return id;
}

// The path's id; absent: answer with `missing_reply`.
template <class Id>
std::optional<Id> path_id(const Call& call, std::size_t index = 0) {
    return read_id<Id>(call.around.ids, call.path.at(index));
}

HttpReply json_reply(std::string body);

}  // namespace postern::payments::onerway
