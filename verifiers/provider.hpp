#pragma once

#include "core/http_message.hpp"
#include "core/result.hpp"
#include "core/settings.hpp"
#include "core/time.hpp"
#include "core/unified_event.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::verifiers {

// In the order in which the checks are made; the spelling in logs and vectors is to_text().
enum class VerifyFailure {
    missing_header,
    malformed,
    unknown_key,
    bad_signature,
    timestamp_out_of_tolerance,
};
std::string_view to_text(VerifyFailure failure);
inline constexpr std::size_t kVerifyFailureCount = 5;

// Collects, for a person who wonders why a signature does not match, what was signed with what.
// Secrets never enter a trace: they are named by their place in the configuration.
class VerifyTrace {
 public:
    virtual ~VerifyTrace() = default;
    virtual void step(std::string_view what, std::string_view detail) = 0;
};

// Something that must be read from the provider before the request can be judged: PayPal's
// certificate, Mollie's payment. The daemon fetches and caches; providers only name it.
struct Fetch {
    std::string url;
    std::string authorization;  // the header's value; empty for none
    enum class Keep { until_not_after, never } keep = Keep::never;
    // Only these hosts may be asked, whatever the URL says.
    std::vector<std::string> allowed_hosts;
};

struct FetchedDocument {
    int status = 0;  // 0: the provider could not be reached
    std::string body;
};

struct SignedRequest {
    std::string_view method;
    std::string_view path;
    std::string_view query;
    const HttpFields& fields;
    std::string_view body;
    TimePoint received_at;
    const FetchedDocument* fetched = nullptr;  // what fetch_needed() asked for
    VerifyTrace* trace = nullptr;

    void note(std::string_view what, std::string_view detail) const {
        if (trace != nullptr) trace->step(what, detail);
    }
};

struct Verified {
    // Which of the configured keys matched: shows who still uses the old one.
    std::size_t key_index = 0;
    bool operator==(const Verified&) const = default;
};

enum class NormaliseFailure {
    malformed,      // proven, but not what the provider documents: kept raw and acknowledged
    undecryptable,  // proven, but our key does not open it: the provider should come again
};

struct Normalised {
    std::vector<ProviderEvent> events;  // in the provider's order
    std::string account;                // the provider's name for the account, where it says one

    bool operator==(const Normalised&) const = default;
};

// The provider's own words and status.
struct ProviderReply {
    int status = 200;
    std::string content_type;
    std::string body;
    bool operator==(const ProviderReply&) const = default;
};

enum class VerifyCost { short_enough_for_io_thread, long_enough_for_worker };

// One configured gateway instance. Pure: same request, same answer; safe to call from any thread.
class Provider {
 public:
    virtual ~Provider() = default;

    virtual Result<Verified, VerifyFailure> verify(const SignedRequest& request) const = 0;

    // Only asked after verify() said yes. A body outside our vocabulary is no failure: its events
    // then have no `unified`.
    virtual Result<Normalised, NormaliseFailure> normalise(const SignedRequest& request) const = 0;

    virtual VerifyCost verify_cost() const { return VerifyCost::short_enough_for_io_thread; }
    virtual std::optional<Fetch> fetch_needed(const SignedRequest& request) const;

    // GET requests: nullopt means that this provider has none (405).
    virtual std::optional<ProviderReply> challenge(const SignedRequest& request) const;

    // What this provider wants to read as "yours now". nullopt: no particular words.
    virtual std::optional<ProviderReply> acknowledgement(const SignedRequest& request) const;
    // What it wants to read as "not accepted". nullopt: no particular words.
    virtual std::optional<ProviderReply> refusal(VerifyFailure failure) const;
    // Deliberately wrong signatures that some providers send to probe us: refused without alarm.
    virtual bool is_probe(const SignedRequest& request) const;
};

using MakeProvider = Result<std::unique_ptr<Provider>, Complaint> (*)(const SettingTable& settings);

}  // namespace postern::verifiers
