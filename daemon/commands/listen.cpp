#include "daemon/commands/listen.hpp"

#include "config/files.hpp"
#include "core/json_document.hpp"
#include "core/json_writer.hpp"
#include "core/log.hpp"
#include "core/metrics.hpp"
#include "core/worker_pool.hpp"
#include "daemon/commands/common.hpp"
#include "daemon/commands/listen_delivery.hpp"
#include "daemon/http_url.hpp"
#include "daemon/offload.hpp"
#include "net/http_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdlib>
#include <mutex>
#include <unistd.h>

namespace postern::daemon::commands {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kForwardThreads = 8;
constexpr std::size_t kForwardQueueMax = 64;
constexpr std::chrono::seconds kForwardTimeout{30};

// A terminal that shows colours and a person who did not switch them off.
Colour colour_of_terminal() {
    const char* refused = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    const bool dumb = terminal != nullptr && std::string_view{terminal} == "dumb";
    const bool wanted = refused == nullptr || *refused == '\0';
    return wanted && !dumb && isatty(STDOUT_FILENO) == 1 ? Colour::on : Colour::off;
}

// Headers that belong to the connection, not to the message.
bool is_of_connection(std::string_view name) {
    constexpr std::string_view kNames[] = {
        "host", "connection", "content-length", "transfer-encoding", "keep-alive", "te", "expect"};
    for (const std::string_view candidate : kNames) {
        if (equal_ignoring_case(candidate, name)) return true;
    }
    return false;
}

PostRequest forwarded(const HttpRequest& request, const HttpUrl& url) {
    PostRequest onward{.url = url, .body = std::string{request.body}, .timeout = kForwardTimeout};
    for (const HttpField& field : request.fields) {
        if (is_of_connection(field.name)) continue;
        onward.headers.emplace_back(field.name, field.value);
    }
    return onward;
}

class LocalEndpoint final : public net::HttpHandler {
 public:
    struct Options {
        const Clock& clock;
        std::optional<HttpUrl> forward;
        Colour colour = Colour::off;
        enum class Detail { lines, bodies } detail = Detail::lines;
    };
    explicit LocalEndpoint(Options options)
        : options_{std::move(options)},
          workers_{WorkerPool::Size{.threads = kForwardThreads, .queue_max = kForwardQueueMax}} {}

    // The daemon tells the secret when the endpoint is made; deliveries may be a moment earlier.
    void trust(std::string secret) {
        const std::lock_guard lock{mutex_};
        keys_ = std::make_shared<const dispatch::SigningKeys>(std::vector<dispatch::EndpointSecret>{
            {std::move(secret), std::nullopt}});
    }
    void stop() { workers_.stop(); }

    std::optional<HttpReply> refuse_early(std::string_view, std::string_view) override {
        return std::nullopt;
    }
    HttpReply refusal(int status, const HttpRequest&) override { return {.status = status}; }

    net::Task<HttpReply> handle(const HttpRequest& request, net::IoThread& thread) override {
        HttpReply reply;
        const auto keys = this->keys();
        if (keys == nullptr) {
            reply.status = 503;
            co_return reply;
        }
        const TimePoint now = options_.clock.now();
        SeenDelivery seen = seen_delivery(request, judge_delivery(request, *keys, now), now);
        reply.status = seen.answer;
        if (options_.forward && seen.verdict == DeliveryVerdict::genuine) {
            auto forwarding = forward(request, thread);
            auto answer = co_await std::move(forwarding);
            seen.forwarded =
                answer ? SeenDelivery::Forwarded::yes : SeenDelivery::Forwarded::failed;
            reply.status = answer ? answer->status : 502;
            if (answer) reply.body = std::move(answer->body);
            seen.answer = reply.status;
        }
        show(seen, request.body);
        co_return reply;
    }

 private:
    std::shared_ptr<const dispatch::SigningKeys> keys() const {
        const std::lock_guard lock{mutex_};
        return keys_;
    }

    net::Task<std::optional<PostReply>> forward(const HttpRequest& request, net::IoThread& thread) {
        const PostRequest onward = forwarded(request, *options_.forward);
        std::optional<PostReply> answer;
        const auto work = [&onward, &answer] {
            auto reply = http_post(onward);
            if (reply) answer = std::move(*reply);
        };
        auto working = offload(workers_, thread, work);
        const Offloaded done = co_await std::move(working);
        if (done == Offloaded::shed) answer.reset();
        co_return answer;
    }

    void show(const SeenDelivery& seen, std::string_view body) const {
        std::string text = line_of(seen, options_.colour);
        if (options_.detail == Options::Detail::bodies) {
            text += printable(body);
            text += '\n';
        }
        print(text);
    }

    Options options_;
    WorkerPool workers_;
    mutable std::mutex mutex_;
    std::shared_ptr<const dispatch::SigningKeys> keys_;
};

std::string registration_body(const ListenOptions& options, const std::string& address) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member("url", "http://" + address + "/");
    writer.member("description", "postern listen");
    if (!options.secret.empty()) writer.member("secret", options.secret);
    if (!options.event_types.empty()) {
        writer.key("event_types");
        writer.begin_array();
        for (const std::string& type : options.event_types) writer.string(type);
        writer.end_array();
    }
    writer.end_object();
    return body;
}

struct Registered {
    std::string id;
    std::string secret;
};

Result<Registered, Complaint>
register_endpoint(const ListenOptions& options, const std::string& address) {
    const auto answer = call_api(
        options.access,
        {.method = "POST",
         .path = "/api/v2/webhook-endpoints",
         .body = registration_body(options, address)}
    );
    if (!answer) return answer.error();
    const auto document = JsonDocument::parse(*answer);
    Registered registered;
    if (document) {
        registered.id = document->root()["id"].string();
        registered.secret = document->root()["secret"].string();
    }
    if (registered.id.empty() || registered.secret.empty()) {
        return Complaint{"the daemon's answer names no endpoint; is it another version's?"};
    }
    return registered;
}

int remove_endpoint(const ListenOptions& options, const std::string& id) {
    const auto answer =
        call_api(options.access, {.method = "DELETE", .path = "/api/v2/webhook-endpoints/" + id});
    if (answer) return kExitFine;
    complain({"endpoint " + id + " is still there: `postern endpoints delete " + id + "`"});
    return complain(answer.error());
}

enum class Signals { blocked, open };

// Threads inherit the mask: signals reach the main thread's loop only.
void mask_signals(Signals signals) {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT}) sigaddset(&set, signal);
    pthread_sigmask(signals == Signals::blocked ? SIG_BLOCK : SIG_UNBLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

void wait_for_signal() {
    asio::io_context loop{1};
    asio::signal_set signals{loop, SIGTERM, SIGINT};
    signals.async_wait([&loop](const boost::system::error_code&, int) { loop.stop(); });
    mask_signals(Signals::open);
    loop.run();
}

int listen_until_stopped(
    const ListenOptions& options,
    LocalEndpoint& endpoint,
    const std::string& address
) {
    auto registered = register_endpoint(options, address);
    if (!registered) return complain(registered.error());
    endpoint.trust(registered->secret);
    std::string greeting = "Deliveries to " + registered->id + " arrive at http://" + address;
    greeting += "/\nSecret: " + registered->secret + "\nStop with Ctrl-C\n\n";
    print(greeting);
    wait_for_signal();
    return remove_endpoint(options, registered->id);
}

}  // namespace

int run_listen(ListenOptions options, const Clock& clock) {
    options.access = completed(std::move(options.access), config::environment_of_process());
    std::optional<HttpUrl> forward;
    if (!options.forward.empty()) {
        forward = parse_http_url(options.forward);
        if (!forward) {
            complain({"--forward must be a URL like http://127.0.0.1:3000/webhooks"});
            return kExitUsage;
        }
    }
    log::configure({.level = log::Level::warn, .format = log::Format::text});
    mask_signals(Signals::blocked);
    LocalEndpoint endpoint{
        {.clock = clock,
         .forward = std::move(forward),
         .colour = colour_of_terminal(),
         .detail = options.verbose ? LocalEndpoint::Options::Detail::bodies
                                   : LocalEndpoint::Options::Detail::lines}};
    MetricRegistry metrics;
    net::Runtime runtime{1};
    net::HttpServer server{
        runtime,
        {.name = "listen", .address = "127.0.0.1:" + std::to_string(options.port)},
        endpoint,
        metrics};
    const auto address = server.start();
    if (!address) return complain(address.error());
    runtime.start();
    const int exit_code = listen_until_stopped(options, endpoint, *address);
    server.stop();
    endpoint.stop();
    runtime.stop();
    return exit_code;
}

}  // namespace postern::daemon::commands
