#pragma once

#include "core/time.hpp"
#include "daemon/http_url.hpp"
#include "daemon/sandbox_settings.hpp"
#include "daemon/store.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace postern::daemon {

// A sandbox gateway as it speaks to us: what signs its webhooks, and where it posts them.
struct SandboxVoice {
    std::string gateway_id;
    const verifiers::ProviderKind* kind = nullptr;
    SettingTable settings;
};
using SandboxVoices = std::map<storage::GatewayNumber, SandboxVoice>;
// Of the gateways that are in sandbox mode.
std::vector<SandboxVoice> sandbox_voices(const std::vector<ResolvedGateway>& gateways);

// Our own listener, as something that runs beside it reaches it.
struct OwnListener {
    HttpUrl url;  // its target is another for each gateway
    std::filesystem::path trusted_certificate;
};
// `bound` is what the public listener says it listens on.
OwnListener own_listener(const config::Config& config, std::string_view bound);

// Says to our own receiver, over HTTP and signed, what the sandbox gateways left in the store to be
// said. A thread of its own that sleeps until it is woken or a message is due; what the receiver
// does not take is said again later, so a crash on either side loses nothing.
class SandboxPoster {
 public:
    struct Parts {
        Store& store;
        const Clock& clock;
        SandboxVoices voices;
        OwnListener listener;
        StepGuard guard = {};
        // Messages that other nodes left are found by looking.
        std::chrono::seconds look_again_after{60};
    };
    // Null: nothing is in sandbox mode, or this program was built without the payment API.
    static std::unique_ptr<SandboxPoster> make(Parts parts);

    virtual ~SandboxPoster() = default;  // stops
    // Several times, each after the stop before it.
    virtual void start() = 0;
    // What is said from here on is signed with these. Any thread.
    virtual void take_settings(storage::GatewayNumber gateway, SettingTable settings) = 0;
    virtual void wake() = 0;  // messages may have been left; any thread
    virtual void stop() = 0;  // ends after the message in hand; the writer must still run
};

}  // namespace postern::daemon
