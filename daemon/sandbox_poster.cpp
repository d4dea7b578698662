#include "daemon/sandbox_poster.hpp"

#include "daemon/sandbox_mail.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace postern::daemon {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kAfterFailure{2};

class PostingThread final : public SandboxPoster {
 public:
    explicit PostingThread(Parts parts)
        : clock_{parts.clock},
          look_again_after_{parts.look_again_after},
          mail_{
              {.store = parts.store,
               .clock = parts.clock,
               .voices = std::move(parts.voices),
               .listener = std::move(parts.listener),
               .is_stopping = [this] { return is_stopping(); },
               .guard = std::move(parts.guard)}} {}
    PostingThread(const PostingThread&) = delete;
    PostingThread& operator=(const PostingThread&) = delete;
    ~PostingThread() override { stop_thread(); }

    void start() override {
        {
            const std::lock_guard lock{mutex_};
            stopping_ = false;
        }
        thread_ = std::jthread{[this] {
            run_thread();
        }};
    }
    void take_settings(storage::GatewayNumber gateway, SettingTable settings) override {
        mail_.take_settings(gateway, std::move(settings));
    }
    void wake() override {
        const std::lock_guard lock{mutex_};
        work_to_do_ = true;
        wake_.notify_one();
    }
    void stop() override { stop_thread(); }

 private:
    using SteadyTime = steady_clock::time_point;

    void stop_thread() {
        {
            const std::lock_guard lock{mutex_};
            stopping_ = true;
            wake_.notify_one();
        }
        if (thread_.joinable()) thread_.join();
    }

    bool is_stopping() {
        const std::lock_guard lock{mutex_};
        return stopping_;
    }

    void run_thread() {
        SteadyTime turn{};
        for (;;) {
            {
                std::unique_lock lock{mutex_};
                wake_.wait_until(lock, turn, [this] { return stopping_ || work_to_do_; });
                if (stopping_) return;
                work_to_do_ = false;
            }
            turn = mail_.post_due() ? next_turn() : steady_clock::now() + kAfterFailure;
        }
    }

    SteadyTime next_turn() {
        const auto due = mail_.next_due();
        if (!due) return steady_clock::now() + kAfterFailure;
        if (!*due) return steady_clock::now() + look_again_after_;
        const Microseconds pause = **due - clock_.now();
        return steady_clock::now()
               + std::clamp<Microseconds>(pause, Microseconds{0}, look_again_after_);
    }

    const Clock& clock_;
    const std::chrono::seconds look_again_after_;
    SandboxMail mail_;  // but for take_settings(), the thread only
    std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    bool work_to_do_ = true;
    bool stopping_ = false;
    std::jthread thread_;
};

}  // namespace

std::unique_ptr<SandboxPoster> SandboxPoster::make(Parts parts) {
    if (parts.voices.empty()) return nullptr;
    return std::make_unique<PostingThread>(std::move(parts));
}

}  // namespace postern::daemon
