#pragma once

#include "core/http_message.hpp"
#include "payments/work.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// The payment API as the daemon mounts it. An endpoint is one plain function: it reads the request
// on the thread that received it and says what to do with the store; nobody here waits, sleeps or
// knows of sockets.
namespace postern::payments {

enum class Needs {
    open,         // no key: sandbox pages
    publishable,  // any key, a publishable one too; what it may do is then the endpoint's to judge
    reading,      // secret or restricted
    writing,      // a secret key
};

enum class KeyKind { secret, restricted, publishable };

struct Caller {
    Owner owner;
    KeyKind key = KeyKind::secret;
};

enum class Language { english, chinese };

struct Call {
    const Surroundings& around;
    const HttpRequest& request;
    std::vector<std::string> path;  // the values of the pattern's braces, decoded
    Caller caller;
    Language language = Language::english;
    TimePoint now;
    // Of this request, for envelopes that carry it; empty: none is known.
    std::string_view request_id = {};
};

using Reply = Result<HttpReply, storage::StoreError>;
using ReadPlan = std::function<Reply(const Books&)>;
struct WritePlan {
    // Perhaps more than once before it commits, so it changes nothing outside `Work`. Whatever it
    // answers is committed, so it refuses before it writes; a decline (402) is an effect like any.
    std::function<Reply(Work&)> run;
    // The answer once the gateway has answered what `Work::orders` asked, or is late.
    ReadPlan answer_later = {};
    // Of a body that carries the key; empty: the header's counts.
    std::string idempotency_key = {};
};
// What an endpoint makes of a request: an answer at once, or work for the store.
using Plan = std::variant<HttpReply, ReadPlan, WritePlan>;
using Endpoint = Plan (*)(const Call& call);

enum class Dialect { onerway, rcommerce, sandbox_page };

struct Route {
    std::string_view method;
    std::string_view pattern;  // "/v1/customers/{id}"
    Needs needs = Needs::writing;
    Dialect dialect = Dialect::onerway;
    Endpoint plan = nullptr;
};

std::span<const Route> onerway_routes();
std::span<const Route> rcommerce_routes();
std::span<const Route> sandbox_routes();

}  // namespace postern::payments
