from tests.front.test_desk_people import *
@pytest.mark.django_db
def test_q(world, sign_in):
    person=started(world); world.person(alias="x")
    for who in ("amina","dalia"):
        c=sign_in(who); c.get(reverse("today"))
        for n in ("today","people","person-new","people-same","person","person-happened","person-held","person-consents","person-looked"):
            url=reverse(n,args=[person] if n.startswith("person-") and n!="person-new" or n=="person" else [])
            if c.get(url).status_code==200:
                print(who,n,queries(lambda:c.get(url)))
        print(who,"find",queries(lambda:c.post(reverse("people-find"),{"words":"Rudo"})))
