#include "daemon/commands/top.hpp"

#include "config/files.hpp"
#include "daemon/commands/private_listener.hpp"
#include "daemon/commands/terminal_screen.hpp"
#include "daemon/commands/top_source.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace postern::daemon::commands {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// One picture that is printed may be as long as it likes; its lines are for a wide page.
constexpr FrameSize kPage{.columns = 132, .rows = 1'000};

// Draws until a key or a signal ends it. Everything happens on the loop of one thread, so a
// picture is never drawn while the screen is being left. Only the daemon is asked on another: one
// that hangs must not hold up the key that ends this.
class TopLoop {
 public:
    TopLoop(TopSource& source, std::chrono::seconds interval)
        : source_{source}, interval_{interval} {
        signals_.add(SIGTSTP);
        signals_.add(SIGQUIT);
        signals_.add(SIGHUP);
        // A descriptor that the loop reads stops blocking, for all who share it. So it gets one of
        // its own; a terminal that cannot be opened has no keys.
        const int terminal = ::open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
        if (terminal >= 0) keys_.assign(terminal);
    }

    void run() {
        wait_for_signal();
        if (keys_.is_open()) wait_for_key();
        draw();
        look_again();
        loop_.run();
        if (!asking_.joinable()) return;
        screen_.leave();
        std::_Exit(kExitFine);  // an answer that may never come is not waited for
    }

 private:
    void look_again() {
        asking_ = std::jthread{[this] {
            auto view = source_.look();
            asio::post(loop_, [this, view = std::move(view)]() mutable { take(std::move(view)); });
        }};
    }

    void take(Result<TopView, Complaint> view) {
        asking_.join();
        view_ = view ? std::move(*view) : view_without_answer(std::move(view_), view.error());
        draw();
        timer_.expires_after(interval_);
        timer_.async_wait([this](const error_code& error) {
            if (!error) look_again();
        });
    }

    void draw() { screen_.show(frame_lines(view_, TerminalScreen::size())); }

    void wait_for_signal() {
        signals_.async_wait([this](const error_code& error, int signal) {
            if (!error) on_signal(signal);
        });
    }

    void on_signal(int signal) {
        if (signal != SIGWINCH && signal != SIGTSTP) return loop_.stop();
        if (signal == SIGTSTP) {
            screen_.leave();
            std::raise(SIGSTOP);  // the shell has the terminal until it lets us go on
            screen_.enter();
        }
        draw();
        wait_for_signal();
    }

    void wait_for_key() {
        keys_.async_read_some(asio::buffer(&key_, 1), [this](const error_code& error, std::size_t) {
            if (error) return;  // it is closed; signals remain
            if (key_ == 'q' || key_ == 'Q') return loop_.stop();
            wait_for_key();
        });
    }

    TopSource& source_;
    std::chrono::seconds interval_;
    TopView view_{.state = "is asked"};
    std::jthread asking_;  // joinable: the daemon has not answered yet
    asio::io_context loop_{1};
    asio::signal_set signals_{loop_, SIGINT, SIGTERM, SIGWINCH};
    asio::steady_timer timer_{loop_};
    asio::posix::stream_descriptor keys_{loop_};
    char key_ = 0;
    TerminalScreen screen_;  // after the signals: none may come between and leave it as it is
};

int usage_failure(const char* message) {
    complain({message});
    return kExitUsage;
}

// A "dumb" terminal, such as that of an editor, would show the drawing's codes as they are.
bool can_draw(const config::Environment& environment) {
    const auto terminal = environment.find("TERM");
    const bool is_dumb = terminal != environment.end() && terminal->second == "dumb";
    return TerminalScreen::is_there() && !is_dumb;
}

int print_once(TopSource& source, Output output) {
    const auto view = source.look();
    if (!view) return complain(view.error());
    if (output == Output::json) {
        print(view_json(*view));
        return kExitFine;
    }
    const FrameSize size =
        TerminalScreen::is_there() ? FrameSize{TerminalScreen::size().columns, kPage.rows} : kPage;
    for (const std::string& line : frame_lines(*view, size)) print(line + '\n');
    return kExitFine;
}

}  // namespace

int run_top(TopOptions options) {
    const bool once = options.length == TopOptions::Length::once;
    const bool json = options.output == Output::json;
    if (json && !once) return usage_failure("top prints JSON only with --once");
    const config::Environment environment = config::environment_of_process();
    if (!once && !can_draw(environment)) {
        return usage_failure("top needs a terminal to draw on; --once prints one picture");
    }
    const auto config = load_config(options.config);
    if (!config) return complain_of_all(config.error());
    TopSource source{
        {.access = completed_beside(*config, std::move(options.access), environment),
         .admin_url = admin_url({options.admin_url, config->admin_listen}, environment)}};
    if (once) return print_once(source, options.output);
    TopLoop loop{source, std::chrono::seconds{options.interval_seconds}};
    loop.run();
    return kExitFine;
}

}  // namespace postern::daemon::commands
