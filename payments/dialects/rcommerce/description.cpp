#include "payments/dialects/descriptions.hpp"
#include "payments/dialects/rcommerce/endpoints.hpp"
#include "payments/dialects/rcommerce/replies.hpp"

namespace postern::payments::rcommerce {

Plan get_description(const Call& call) {
    return rc_json(audience_of(call), kOk, std::string{rcommerce_description()});
}

}  // namespace postern::payments::rcommerce
