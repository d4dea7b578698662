#include "daemon/serve.hpp"

#include "core/log.hpp"
#include "daemon/sandbox_settings.hpp"
#include "daemon/server.hpp"
#include "daemon/version.hpp"
#include "systemd/notify.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

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

void wait_for_signal(asio::signal_set& signals, asio::io_context& loop, Server& server) {
    signals.async_wait([&signals, &loop, &server](const auto& error, int signal) {
        if (error) return;
        if (signal != SIGHUP) return loop.stop();
        log::info("daemon.reload");
        server.reload_tls();
        wait_for_signal(signals, loop, server);
    });
}

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

}  // namespace

int serve(const config::Config& config) {
    log::configure({.level = config.log.level, .format = config.log.format});
    protect_memory();
    block_signals();
    asio::io_context loop{1};
    asio::signal_set signals{loop, SIGTERM, SIGINT, SIGHUP};
    auto store_failed = std::make_shared<std::atomic<bool>>(false);
    auto gateways = make_gateway_settings(
        config, {.data_dir = config.data_dir, .kinds = verifiers::provider_kinds()}
    );
    if (!gateways) return complain(gateways.error());
    auto built = Server::build(
        {.config = config,
         .gateways = std::move(*gateways),
         .on_store_failure =
             [&loop, store_failed] {
                 store_failed->store(true);
                 asio::post(loop, [&loop] { loop.stop(); });
             }}
    );
    if (!built) return complain(built.error());
    Server& server = **built;
    const auto bound = server.start();
    if (!bound) return complain({bound.error()});
    unblock_signals();
    greet(server, *bound, config);
    log_ready(*bound);
    systemd::notify("READY=1");
    wait_for_signal(signals, loop, server);
    loop.run();
    systemd::notify("STOPPING=1");
    if (store_failed->load()) {
        // No orderly end: closing the store could write, and nothing may be written any more.
        asio::io_context pause{1};
        asio::steady_timer timer{pause, kLastAnswers};
        timer.wait();
        std::_Exit(kExitStoreFailed);
    }
    log::info("daemon.stopping");
    server.stop();
    log::info("daemon.stopped");
    return EXIT_SUCCESS;
}

}  // namespace postern::daemon
