#include "payments/dialects/descriptions.hpp"
#include "payments/dialects/onerway/endpoints.hpp"
#include "payments/dialects/onerway/incoming.hpp"

namespace postern::payments::onerway {

Plan get_description(const Call& call) {
    Incoming in{call};
    if (auto refusal = in.finish()) return std::move(*refusal);
    return json_reply(std::string{onerway_description()});
}

}  // namespace postern::payments::onerway
