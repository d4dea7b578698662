#pragma once

#include "core/http_message.hpp"
#include "daemon/gateways.hpp"
#include "storage/committed.hpp"
#include "verifiers/provider.hpp"

// What a provider reads. API.md's words where the provider has none of its own.
namespace postern::daemon {

// The only 2xx for a webhook, and it takes the proof that the webhook is on disk. A provider that
// saw it never sends the event again, so there must be no moment when neither side owns it.
HttpReply acknowledgement(
    const storage::Committed& committed,
    const Gateway& gateway,
    const verifiers::SignedRequest& request
);

// One message whatever the reason: the difference helps only a forger.
HttpReply refusal(const Gateway& gateway, verifiers::VerifyFailure failure);

HttpReply challenge_reply(const Gateway& gateway, const verifiers::SignedRequest& request);
HttpReply unknown_gateway_reply();
HttpReply disabled_gateway_reply();
// A delivery of ours that came back: taking it would send it round for ever.
HttpReply own_delivery_reply();
// "Come again": nothing was acknowledged, the provider keeps the event.
HttpReply try_again_reply(int retry_after_seconds);

}  // namespace postern::daemon
