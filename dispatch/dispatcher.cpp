#include "dispatch/dispatcher.hpp"

#include "dispatch/dispatch_loop.hpp"
#include "net/spawn.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace postern::dispatch {
namespace {

// More than this not yet looked at: what follows is found in the store.
constexpr std::size_t kFreshMailMax = 16'384;
// Between two looks at whether everything has ended.
constexpr std::chrono::milliseconds kQuietCheck{10};
// After the connections are cut: for their tasks to end and for records to be written.
constexpr std::chrono::milliseconds kCutPatience{2'000};
// For the other nodes to hear of it; without it they wait for our lease to end.
constexpr std::chrono::milliseconds kHandOverPatience{1'000};

}  // namespace

namespace {

// Calls outside of every queue pass no endpoint's limits, so there is one for all of them.
class CallsUnderWay {
 public:
    class Place {
     public:
        explicit Place(CallsUnderWay& calls) : calls_{calls}, before_{calls.count_.fetch_add(1)} {}
        ~Place() { calls_.count_.fetch_sub(1); }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        bool is_free() const { return before_ < kCallsMax; }

     private:
        CallsUnderWay& calls_;
        int before_;
    };

 private:
    static constexpr int kCallsMax = 16;
    std::atomic<int> count_ = 0;
};

}  // namespace

struct Dispatcher::Impl {
    Impl(Parts parts_to_keep, DispatcherOptions options_to_keep)
        : parts{std::move(parts_to_keep)},
          options{std::move(options_to_keep)},
          loop{parts, options, runtime.thread(0)},
          inbox{*this},
          quiet_watch{*this} {}

    // Other threads leave mail here; whoever finds it empty rings.
    class Inbox final : public net::Letter {
     public:
        explicit Inbox(Impl& impl) : impl_{impl} {}

        template <class Add>
        void add(Add put_in) {
            bool ring = false;
            {
                const std::lock_guard lock{mutex_};
                ring = mail_.empty();
                put_in(mail_);
                ring = ring && !mail_.empty();
            }
            if (ring) impl_.runtime.thread(0).mailbox().drop(*this);
        }

        void delivered() noexcept override {
            Mail mail;
            {
                const std::lock_guard lock{mutex_};
                std::swap(mail, mail_);
            }
            impl_.loop.accept(std::move(mail));
        }

     private:
        Impl& impl_;
        std::mutex mutex_;
        Mail mail_;
    };

    // Tells a waiting thread when the loop is quiet, or has been given long enough.
    class QuietWatch final : public net::Letter {
     public:
        explicit QuietWatch(Impl& impl)
            : impl_{impl}, alarm_{impl.runtime.thread(0), [this] {
                                      look();
                                  }} {}

        void ask(std::chrono::milliseconds patience) {
            left_ = patience;
            impl_.runtime.thread(0).mailbox().drop(*this);
            std::unique_lock lock{mutex_};
            quiet_.wait(lock, [this] { return over_; });
        }

        void delivered() noexcept override {
            impl_.loop.stop_starting();
            look();
        }

     private:
        void look() {
            const bool quiet = impl_.loop.is_quiet();
            left_ -= kQuietCheck;
            if (!quiet && left_.count() <= 0 && !cut_) {
                cut_ = true;
                left_ = kCutPatience;
                impl_.loop.cut();
            }
            if (!quiet && left_.count() > 0) return alarm_.set(kQuietCheck);
            if (!handed_over_) {
                handed_over_ = true;
                left_ = kHandOverPatience;
                impl_.loop.hand_over();
            }
            if (!impl_.loop.is_handed_over() && left_.count() > 0) return alarm_.set(kQuietCheck);
            const std::lock_guard lock{mutex_};
            over_ = true;
            quiet_.notify_all();
        }

        Impl& impl_;
        net::Alarm alarm_;
        std::chrono::milliseconds left_{0};
        bool cut_ = false;
        bool handed_over_ = false;
        std::mutex mutex_;
        std::condition_variable quiet_;
        bool over_ = false;
    };

    const Parts parts;
    const DispatcherOptions options;
    net::Runtime runtime{1};
    DispatchLoop loop;
    Inbox inbox;
    QuietWatch quiet_watch;
    CallsUnderWay calls;
    enum class Phase { built, running, stopped };
    std::atomic<Phase> phase = Phase::built;

    // Its reader is gone when the loop begins, which may want a connection itself.
    Result<void, Complaint> load() {
        auto reader = parts.database.open_reader();
        if (!reader) return Complaint{"the store cannot be opened for reading"};
        return loop.load(**reader);
    }
};

Dispatcher::Dispatcher(Parts parts, DispatcherOptions options)
    : impl_{std::make_unique<Impl>(std::move(parts), std::move(options))} {}

Dispatcher::~Dispatcher() {
    stop(std::chrono::milliseconds{0});
}

Result<void, Complaint> Dispatcher::start() {
    if (auto loaded = impl_->load(); !loaded) return loaded.error();
    impl_->parts.endpoints.listen(
        [this](EndpointId id, const EndpointDirectory::EndpointPointer& endpoint) {
            impl_->inbox.add([id, &endpoint](Mail& mail) {
                mail.endpoints.push_back({id, endpoint});
            });
        }
    );
    impl_->loop.begin();
    impl_->runtime.start();
    impl_->phase = Impl::Phase::running;
    return {};
}

void Dispatcher::stop(std::chrono::milliseconds patience) {
    if (impl_->phase != Impl::Phase::running) return;
    impl_->phase = Impl::Phase::stopped;
    impl_->quiet_watch.ask(patience);
    impl_->runtime.stop();
}

// Before and after, nobody would empty the box; what is in the store is found at the next start.
void Dispatcher::take(std::vector<FreshDelivery> deliveries) {
    if (impl_->phase != Impl::Phase::running) return;
    impl_->inbox.add([&deliveries](Mail& mail) {
        if (mail.fresh.empty()) {
            mail.fresh = std::move(deliveries);
            return;
        }
        if (mail.fresh.size() > kFreshMailMax) {
            for (const FreshDelivery& fresh : deliveries) mail.lower(fresh);
            return;
        }
        std::move(deliveries.begin(), deliveries.end(), std::back_inserter(mail.fresh));
    });
}

void Dispatcher::nudge(std::vector<Nudge> nudges) {
    if (impl_->phase != Impl::Phase::running) return;
    impl_->inbox.add([&nudges](Mail& mail) {
        mail.nudges.insert(mail.nudges.end(), nudges.begin(), nudges.end());
    });
}

void Dispatcher::withdraw(const std::vector<DeliveryId>& deliveries) {
    std::vector<Nudge> nudges;
    // Of no queue: nothing is due, so nobody asks for a lane.
    for (const DeliveryId delivery : deliveries) {
        nudges.push_back({.queue = storage::DeliveryQueue::held, .delivery = delivery});
    }
    nudge(std::move(nudges));
}

bool Dispatcher::is_running() const {
    return impl_->phase == Impl::Phase::running;
}

bool Dispatcher::is_sending(DeliveryId delivery) const {
    return impl_->loop.is_sending(delivery);
}

Engine::Status Dispatcher::status() const {
    return impl_->loop.status();
}

Standstill Dispatcher::standstill() const {
    return is_running() ? impl_->loop.standstill() : Standstill{};
}

const GuardRules& Dispatcher::rules_for(storage::Livemode livemode) const {
    return livemode == storage::Livemode::live ? impl_->options.live_rules
                                               : impl_->options.test_rules;
}

namespace {

// A call from another io thread: over to the dispatcher's thread and back.
class CallOver final : public net::Letter {
 public:
    CallOver(DispatchLoop& loop, net::IoThread& there, net::IoThread& here)
        : loop_{loop}, there_{there}, here_{here} {}

    net::Task<AttemptResult>
    call(std::shared_ptr<const Endpoint> endpoint, std::shared_ptr<const EventContent> event) {
        endpoint_ = std::move(endpoint);
        event_ = std::move(event);
        auto start = [this] {
            there_.mailbox().drop(*this);
        };
        co_await net::sleep_until_woken(sleeper_, start);
        co_return std::move(result_);
    }

    void delivered() noexcept override {
        if (way_ == Way::back) return sleeper_.wake();
        way_ = Way::back;
        net::spawn(there_, run());
    }

 private:
    net::Task<void> run() {
        result_ = co_await loop_.send_now(endpoint_, event_);
        here_.mailbox().drop(*this);
    }

    DispatchLoop& loop_;
    net::IoThread& there_;
    net::IoThread& here_;
    net::Sleeper sleeper_;
    std::shared_ptr<const Endpoint> endpoint_;
    std::shared_ptr<const EventContent> event_;
    AttemptResult result_;
    enum class Way { there, back } way_ = Way::there;
};

}  // namespace

net::Task<std::optional<AttemptResult>> Dispatcher::send_now(
    std::shared_ptr<const Endpoint> endpoint,
    std::shared_ptr<const EventContent> event,
    net::IoThread& thread
) {
    const CallsUnderWay::Place place{impl_->calls};
    if (!place.is_free()) co_return std::nullopt;
    CallOver over{impl_->loop, impl_->runtime.thread(0), thread};
    auto calling = over.call(std::move(endpoint), std::move(event));
    AttemptResult result = co_await std::move(calling);
    co_return result;
}

}  // namespace postern::dispatch
