#pragma once

#include "core/ids.hpp"
#include "payments/gateways/gateway.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace postern::payments {

struct SandboxOptions {
    // Orders are answered by call() after this long instead of at once, as a real gateway does.
    std::optional<std::chrono::milliseconds> latency;
    // Bank transfers and refunds that pend; payouts are accepted after it and paid after two of it.
    std::chrono::milliseconds settles_after{3000};
    std::string public_url;  // of the pages that customers are sent to; no slash at the end
    IdCodec ids{SipKey{}};   // the store's: providers' ids are made of ours
};

// stripe, airwallex, wechatpay, alipay, onerway; nullptr for a kind that the payment API has no
// sandbox of.
std::shared_ptr<const Gateway>
make_sandbox_gateway(std::string_view kind, const SandboxOptions& options);

}  // namespace postern::payments
