//! A teller lets accounts transfer money to each other.

use std::ops::ControlFlow;

use kay_bench::suite::{Prepared, Size, next};

use crate::framework::{Actor, Framework, Host, Report};

struct Account<F: Framework> {
    balance: i64,
    teller: Option<F::Address<Teller<F>>>,
}

enum AccountMessage<F: Framework> {
    Open(F::Address<Teller<F>>),
    Debit {
        amount: i64,
        target: F::Address<Account<F>>,
    },
    Credit {
        amount: i64,
        source: F::Address<Account<F>>,
    },
    Credited,
}

impl<F: Framework> Actor<F> for Account<F> {
    type Message = AccountMessage<F>;

    fn handle(
        &mut self,
        message: AccountMessage<F>,
        me: impl Fn() -> F::Address<Self>,
    ) -> ControlFlow<()> {
        match message {
            AccountMessage::Open(teller) => self.teller = Some(teller),
            AccountMessage::Debit { amount, target } => {
                self.balance -= amount;
                F::send(
                    &target,
                    AccountMessage::Credit {
                        amount,
                        source: me(),
                    },
                );
            }
            AccountMessage::Credit { amount, source } => {
                self.balance += amount;
                F::send(&source, AccountMessage::Credited);
            }
            AccountMessage::Credited => {
                let teller = self.teller.as_ref().expect("the account is open");
                F::send(teller, TellerMessage::Transferred);
            }
        }
        ControlFlow::Continue(())
    }
}

struct Teller<F: Framework> {
    accounts: Vec<F::Address<Account<F>>>,
    seed: u64,
    answered: u64,
    begun: u64,
    report: Report,
}

enum TellerMessage {
    Begin(u64),
    Transferred,
}

impl<F: Framework> Actor<F> for Teller<F> {
    type Message = TellerMessage;

    fn handle(
        &mut self,
        message: TellerMessage,
        _: impl Fn() -> F::Address<Self>,
    ) -> ControlFlow<()> {
        match message {
            TellerMessage::Begin(transfers) => {
                self.begun = transfers;
                for _ in 0..transfers {
                    let count = self.accounts.len();
                    let source = next(&mut self.seed) as usize % count;
                    let away = 1 + next(&mut self.seed) as usize % (count - 1);
                    let target = (source + away) % count;
                    let target = self.accounts[target].clone();
                    F::send(
                        &self.accounts[source],
                        AccountMessage::Debit { amount: 1, target },
                    );
                }
            }
            TellerMessage::Transferred => {
                self.answered += 1;
                if self.answered == self.begun {
                    self.report.send(std::mem::take(&mut self.answered));
                }
            }
        }
        ControlFlow::Continue(())
    }
}

pub fn prepare<F: Framework>(size: Size) -> Option<Prepared> {
    let host = Host::<F>::new(size.threads);
    let report = host.report();
    let teller = host.prepare(|framework| {
        let account = |place| {
            framework.spawn_at(
                place,
                Account::<F> {
                    balance: 0,
                    teller: None,
                },
            )
        };
        let accounts: Vec<_> = (0..size.accounts()).map(account).collect();
        let teller = Teller::<F> {
            accounts: accounts.clone(),
            seed: 1,
            answered: 0,
            begun: 0,
            report,
        };
        let teller = framework.spawn_at(0, teller);
        for account in &accounts {
            F::send(account, AccountMessage::Open(teller.clone()));
        }
        teller
    });
    let transfers = size.transfers() as u64;
    let portion = move |host: &mut Host<F>| {
        host.portion(1, || F::send(&teller, TellerMessage::Begin(transfers)))
    };
    Prepared::new(host, portion, |host| host.total())
}
