#include "daemon/documents.hpp"

#include "core/crypto.hpp"
#include "daemon/offload.hpp"
#include "net/https_fetch.hpp"

#include <algorithm>

namespace postern::daemon {

using verifiers::Fetch;
using verifiers::FetchedDocument;
using DocumentPointer = std::shared_ptr<const FetchedDocument>;

namespace {

constexpr std::size_t kKeptMax = 256;
constexpr std::chrono::seconds kFailureKept{30};
constexpr std::chrono::hours kCertificateKeptMax{24};

// A certificate is asked for again before it expires, and at least daily.
TimePoint good_until(const FetchedDocument& document, TimePoint now) {
    if (document.status != 200) return now + kFailureKept;
    const auto chain = Certificate::parse_chain(document.body);
    if (!chain) return now + kFailureKept;
    return std::min<TimePoint>(chain->front().not_after(), now + kCertificateKeptMax);
}

}  // namespace

class Documents::Waiting final : public net::Letter {
 public:
    explicit Waiting(net::IoThread& io_thread) : thread{io_thread} {}
    void delivered() noexcept override { sleeper.wake(); }

    net::IoThread& thread;
    net::Sleeper sleeper;
    DocumentPointer document;
};

Documents::Documents(WorkerPool& pool, const Clock& clock, FetchFunction fetch)
    : pool_{pool}, clock_{clock}, fetch_{std::move(fetch)} {}

net::Task<DocumentPointer> Documents::get(const Fetch& fetch, net::IoThread& thread) {
    if (fetch.keep == Fetch::Keep::never) co_return co_await get_once(fetch, thread);
    {
        const std::lock_guard lock{mutex_};
        const auto found = kept_.find(fetch.url);
        const bool good = found != kept_.end() && found->second.document
                          && found->second.good_until > clock_.now();
        if (good) co_return found->second.document;
    }
    Waiting waiting{thread};
    auto begin = [this, &fetch, &waiting] {
        start(fetch, waiting);
    };
    co_await net::sleep_until_woken(waiting.sleeper, begin);
    co_return waiting.document;
}

net::Task<DocumentPointer> Documents::get_once(const Fetch& fetch, net::IoThread& thread) {
    auto document = std::make_shared<FetchedDocument>();
    auto work = [this, &fetch, &document] {
        *document = ask(fetch);
    };
    co_await offload(pool_, thread, work);
    co_return document;
}

FetchedDocument Documents::ask(const Fetch& fetch) const {
    return given_up_.load(std::memory_order_relaxed) ? FetchedDocument{} : fetch_(fetch);
}

void Documents::start(const Fetch& fetch, Waiting& waiting) {
    {
        const std::lock_guard lock{mutex_};
        forget_expired(clock_.now());
        Entry& entry = kept_[fetch.url];
        entry.waiting.push_back(&waiting);
        if (entry.waiting.size() > 1) return;  // somebody asks already
    }
    const bool accepted = pool_.submit([this, fetch] { finish(fetch, ask(fetch)); });
    if (!accepted) finish(fetch, FetchedDocument{});
}

void Documents::finish(const Fetch& fetch, FetchedDocument fetched) {
    const auto document = std::make_shared<const FetchedDocument>(std::move(fetched));
    std::vector<Waiting*> waiting;
    {
        const std::lock_guard lock{mutex_};
        Entry& entry = kept_[fetch.url];
        entry.document = document;
        entry.good_until = good_until(*document, clock_.now());
        waiting.swap(entry.waiting);
    }
    for (Waiting* one : waiting) {
        one->document = document;
        one->thread.mailbox().drop(*one);
    }
}

// Which URLs are asked for is a stranger's choice within the provider's hosts: the cache is
// bounded.
void Documents::forget_expired(TimePoint now) {
    std::erase_if(kept_, [now](const auto& kept) {
        return kept.second.waiting.empty() && kept.second.good_until <= now;
    });
    while (kept_.size() >= kKeptMax) {
        const auto idle = std::find_if(kept_.begin(), kept_.end(), [](const auto& kept) {
            return kept.second.waiting.empty();
        });
        if (idle == kept_.end()) return;
        kept_.erase(idle);
    }
}

FetchedDocument fetch_from_provider(const Fetch& fetch) {
    const auto answer = net::fetch_https(
        {.url = fetch.url,
         .authorization = fetch.authorization,
         .allowed_hosts = fetch.allowed_hosts}
    );
    if (!answer) return {};
    return {answer->status, answer->body};
}

}  // namespace postern::daemon
