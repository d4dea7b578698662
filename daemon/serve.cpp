#include "daemon/serve.hpp"

#include "core/log.hpp"
#include "daemon/sandbox_settings.hpp"
#include "daemon/server.hpp"
#include "daemon/told_to_end.hpp"
#include "daemon/version.hpp"
#include "systemd/listen_sockets.hpp"
#include "systemd/notify.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace postern::daemon {
namespace {

namespace asio = boost::asio;

constexpr int kExitCannotStart = 1;
constexpr int kExitStoreFailed = 70;
// Requests under way get their 503 before the process goes; the promise is "within a second".
constexpr std::chrono::milliseconds kLastAnswers{300};
// A daemon that moves again must be fed before the manager's time is up.
constexpr int kLooksWhileStanding = 4;
// For what a stop waits beside its configured times: connections that are cut, the last commits.
constexpr std::chrono::seconds kStopMargin{15};

// Secrets live in this process: none of them may end in a core file or be read by a debugger.
void protect_memory() {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int complain(const std::vector<Complaint>& complaints) {
    for (const Complaint& complaint : complaints) {
        log::error("daemon.cannot_start", {{"why", complaint.message}});
    }
    return kExitCannotStart;
}

void log_ready(const BoundAddresses& bound) {
    if (bound.tls.empty()) {
        log::info("daemon.ready", {{"listen", bound.listen}, {"admin", bound.admin}});
    } else {
        log::info(
            "daemon.ready", {{"listen", bound.listen}, {"admin", bound.admin}, {"tls", bound.tls}}
        );
    }
}

// A key that may read events, or what stands for the operator's own.
std::string key_to_try(const std::vector<std::string>& new_keys) {
    for (const std::string& key : new_keys) {
        if (!key.starts_with("pk_")) return key;
    }
    return "<your secret key>";
}

// Once, on the terminal of whoever starts it for the first time; never into the log.
void greet(const Server& server, const BoundAddresses& bound, const config::Config& config) {
    if (server.new_keys().empty()) return;
    std::printf(
        "Postern %.*s listens on http://%s\n",
        static_cast<int>(kVersion.size()),
        kVersion.data(),
        bound.listen.c_str()
    );
    std::printf("Data is kept in %s\n\n", config.data_dir.c_str());
    std::printf("API keys, shown this once:\n");
    for (const std::string& key : server.new_keys()) std::printf("  %s\n", key.c_str());
    std::printf("\nTry:\n  postern send stripe payment.succeeded\n");
    std::printf(
        "  curl -H 'Authorization: Bearer %s' http://%s/api/v2/events\n\n",
        key_to_try(server.new_keys()).c_str(),
        bound.listen.c_str()
    );
    std::fflush(stdout);
}

std::string status_of(const BoundAddresses& bound) {
    std::string status = "Listening on " + bound.listen;
    if (!bound.tls.empty()) status += " and " + bound.tls;
    return status + ", private " + bound.admin;
}

// The three listeners end one after the other.
std::chrono::microseconds stop_patience(const config::Config& config) {
    return 3 * config.limits.shutdown_timeout + config.delivery.shutdown_timeout + kStopMargin;
}

// What the main thread does while the others work: it hears signals, and tells the service manager
// how things are.
class MainLoop {
 public:
    struct Parts {
        asio::io_context& loop;
        asio::signal_set& signals;
        Server& server;
        Reloader& reloader;
    };
    explicit MainLoop(const Parts& parts) : parts_{parts}, meals_{parts.loop} {}

    void run() {
        interval_ = systemd::watchdog_interval();
        if (interval_) feed();
        wait_for_signal();
        parts_.loop.run();
    }

 private:
    void wait_for_signal() {
        parts_.signals.async_wait([this](const auto& error, int signal) {
            if (error) return;
            if (signal != SIGHUP) return parts_.loop.stop();
            reload();
            wait_for_signal();
        });
    }

    void reload() {
        log::info("daemon.reload");
        systemd::notify_reloading("Reading the configuration");
        systemd::notify_ready(parts_.reloader.reload());
    }

    // A daemon in which nothing moves is better started again: the manager does so when it is not
    // fed. What was acknowledged is on disk.
    void feed() {
        const std::string standing = parts_.server.pulse().standstill();
        auto pause = *interval_;
        if (standing.empty()) {
            systemd::feed_watchdog();
            if (!standing_.empty()) systemd::notify_status("Moves again, after: " + standing_);
        } else {
            log::error("daemon.standstill", {{"what", standing}});
            systemd::notify_status("Nothing moves: " + standing);
            pause /= kLooksWhileStanding;
        }
        standing_ = standing;
        meals_.expires_after(pause);
        meals_.async_wait([this](const auto& error) {
            if (!error) feed();
        });
    }

    Parts parts_;
    asio::steady_timer meals_;
    std::optional<std::chrono::microseconds> interval_;
    std::string standing_;  // at the last look; empty: it moved
};

// Threads inherit the mask: signals reach the main loop only.
void block_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

void unblock_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

bool is_loopback(const systemd::ListenSocket& socket) {
    return socket.address.starts_with("127.") || socket.address.starts_with("[::1]");
}

// Of several, one that others reach: what is decided by it must hold for all of them.
std::optional<config::ListenAddress> address_of(const std::vector<systemd::ListenSocket>& sockets) {
    const auto reached = std::find_if_not(sockets.begin(), sockets.end(), is_loopback);
    if (reached != sockets.end()) return config::parse_listen_address(reached->address);
    if (sockets.empty()) return std::nullopt;
    return config::parse_listen_address(sockets.front().address);
}

// Who may reach us decides where test mode may deliver, so the addresses must be the true ones.
config::Config
with_addresses_of(const systemd::ListenSockets& sockets, const config::Config& config) {
    config::Config true_config = config;
    if (const auto address = address_of(sockets.public_side)) true_config.listen = *address;
    if (const auto address = address_of(sockets.private_side)) true_config.admin_listen = *address;
    if (const auto address = address_of(sockets.tls_side); address && config.tls.enabled()) {
        true_config.tls.listen = *address;
    }
    return true_config;
}

ReadConfig read_with_addresses_of(const systemd::ListenSockets& sockets, ReadConfig read) {
    return [sockets, read = std::move(read)]() -> Result<config::Config, std::vector<Complaint>> {
        const auto config = read();
        if (!config) return config.error();
        return with_addresses_of(sockets, *config);
    };
}

Result<std::unique_ptr<Server>, std::vector<Complaint>> build_server(
    const config::Config& config,
    const systemd::ListenSockets& sockets,
    std::function<void()> on_store_failure
) {
    auto gateways = make_gateway_settings(
        config, {.data_dir = config.data_dir, .kinds = verifiers::provider_kinds()}
    );
    if (!gateways) return gateways.error();
    return Server::build(
        {.config = config,
         .gateways = std::move(*gateways),
         .sockets = sockets,
         .on_store_failure = std::move(on_store_failure)}
    );
}

// No orderly end: closing the store could write, and nothing may be written any more.
[[noreturn]] void leave_at_once() {
    asio::io_context pause{1};
    asio::steady_timer timer{pause, kLastAnswers};
    timer.wait();
    std::_Exit(kExitStoreFailed);
}

}  // namespace

int serve(const config::Config& written, ReadConfig read_again) {
    log::configure({.level = written.log.level, .format = written.log.format});
    protect_memory();
    block_signals();
    const auto sockets = systemd::take_listen_sockets();
    if (!sockets) return complain({sockets.error()});
    const config::Config config = with_addresses_of(*sockets, written);
    asio::io_context loop{1};
    asio::signal_set signals{loop, SIGTERM, SIGINT, SIGHUP};
    auto store_failed = std::make_shared<std::atomic<bool>>(false);
    const auto on_store_failure = [&loop, store_failed] {
        store_failed->store(true);
        asio::post(loop, [&loop] { loop.stop(); });
    };
    auto built = build_server(config, *sockets, on_store_failure);
    if (!built && is_told_to_end()) return EXIT_SUCCESS;
    if (!built) return complain(built.error());
    Server& server = **built;
    const auto bound = server.start();
    if (!bound) return complain({bound.error()});
    Reloader reloader{
        {.target = server,
         .running = config,
         .read = read_with_addresses_of(*sockets, std::move(read_again))}};
    unblock_signals();
    greet(server, *bound, config);
    log_ready(*bound);
    systemd::notify_ready(status_of(*bound));
    MainLoop{{.loop = loop, .signals = signals, .server = server, .reloader = reloader}}.run();
    systemd::notify_stopping("Finishing what is under way", stop_patience(reloader.running()));
    if (store_failed->load()) leave_at_once();
    log::info("daemon.stopping");
    server.stop();
    log::info("daemon.stopped");
    return store_failed->load() ? kExitStoreFailed : EXIT_SUCCESS;
}

}  // namespace postern::daemon
